// SPDX-License-Identifier: Apache-2.0

/// Desired against observed replicas: [dev.weir.control.deployment.DesiredReplicas] says what is
/// wanted, [dev.weir.control.deployment.Membership] which replica takes which place and which must
/// leave, [dev.weir.control.deployment.DeploymentPlanner] what to do about it. All pure;
/// [dev.weir.control.deployment.Deployer] acts.
@NullMarked
package dev.weir.control.deployment;

import org.jspecify.annotations.NullMarked;
