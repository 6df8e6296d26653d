// SPDX-License-Identifier: Apache-2.0

/// Progressive delivery. [dev.weir.control.rollout.ReconcilePass] contains one pass over a Service:
/// observe, decide, commit, publish, deploy. [dev.weir.control.rollout.ReleaseStarter] starts a
/// rollout when the spec names another version than the stable one.
/// [dev.weir.control.rollout.machine.RolloutMachine] computes the next transition from stored and
/// observed state, [dev.weir.control.rollout.ReleaseGate] checks guard rails and capacity, and
/// [dev.weir.control.rollout.TransitionWriter] stores evidence and transition and publishes.
@NullMarked
package dev.weir.control.rollout;

import org.jspecify.annotations.NullMarked;
