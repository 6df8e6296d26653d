// SPDX-License-Identifier: Apache-2.0

/// Compares desired with observed replicas. [dev.weir.control.deployment.DesiredReplicas] computes
/// the wanted slots, [dev.weir.control.deployment.SlotAssignment] assigns replicas to them,
/// [dev.weir.control.deployment.DeploymentPlanner] plans the actions. All three are pure.
/// [dev.weir.control.deployment.Deployer] executes the plan.
@NullMarked
package dev.weir.control.deployment;

import org.jspecify.annotations.NullMarked;
