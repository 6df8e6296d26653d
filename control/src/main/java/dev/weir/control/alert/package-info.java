// SPDX-License-Identifier: Apache-2.0

/// Alerts: conditions that are true now ([FleetConditions], [RolloutConditions], [BurnRate]) and
/// rollout events ([RolloutAlerts]), stored until each channel has received them ([AlertStore]),
/// and delivered ([AlertDispatcher]).
///
/// An alert is derived from stored or observed state. A restarted control plane derives the same
/// alert with the same id. Each alert is delivered at least once.
@NullMarked
package dev.weir.control.alert;

import org.jspecify.annotations.NullMarked;
