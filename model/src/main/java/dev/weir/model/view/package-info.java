// SPDX-License-Identifier: Apache-2.0

/// What the control API returns besides resources: observed replicas, gateways, alerts, audit
/// entries.
@NullMarked
package dev.weir.model.view;

import org.jspecify.annotations.NullMarked;
