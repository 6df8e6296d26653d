// SPDX-License-Identifier: Apache-2.0

/// The lifecycle of a replica. [ReplicaMachine] is a pure state machine: it returns the next state
/// and the next action. [ReplicaSupervisor] executes the actions on a [ReplicaHost], with one
/// virtual thread per replica. [ReplicaSupervisors] contains the replicas of a provider;
/// [SupervisedProvider] is the base class of such providers.
@NullMarked
package dev.weir.runtime.lifecycle;

import org.jspecify.annotations.NullMarked;
