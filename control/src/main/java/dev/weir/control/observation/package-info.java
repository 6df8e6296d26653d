// SPDX-License-Identifier: Apache-2.0

/// Observed state: resources at a revision, replicas as providers observe them, gateways as of
/// their last heartbeat.
@NullMarked
package dev.weir.control.observation;

import org.jspecify.annotations.NullMarked;
