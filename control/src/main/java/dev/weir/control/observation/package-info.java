// SPDX-License-Identifier: Apache-2.0

/// What is so, as far as anybody has seen: resources at a revision, replicas as their providers see
/// them, gateways as they were last heard.
@NullMarked
package dev.weir.control.observation;

import org.jspecify.annotations.NullMarked;
