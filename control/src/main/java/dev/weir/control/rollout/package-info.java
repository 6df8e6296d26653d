// SPDX-License-Identifier: Apache-2.0

/// Progressive delivery. The path of a release: [dev.weir.control.rollout.ReleaseStarter] sees that
/// a Service wants another version than the one that serves;
/// [dev.weir.control.rollout.RolloutMachine] says, from what is stored and what is observed, which
/// transition follows; [dev.weir.control.rollout.TransitionWriter] keeps the evidence, stores the
/// transition and publishes the routing. [dev.weir.control.rollout.ServiceReconciler] is the file
/// where that way is read.
@NullMarked
package dev.weir.control.rollout;

import org.jspecify.annotations.NullMarked;
