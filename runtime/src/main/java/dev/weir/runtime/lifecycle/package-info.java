// SPDX-License-Identifier: Apache-2.0

/// What happens to one replica from wanted to gone. [ReplicaMachine] decides (pure: life and event
/// in, life and next action out); [ReplicaSupervisor] does it, one virtual thread for each replica,
/// on a [Host]; [ReplicaRoster] keeps a provider's replicas.
@NullMarked
package dev.weir.runtime.lifecycle;

import org.jspecify.annotations.NullMarked;
