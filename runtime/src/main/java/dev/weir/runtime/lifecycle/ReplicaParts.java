// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import dev.weir.model.value.ReplicaName;
import dev.weir.runtime.probe.ReplicaProbe;

/// The parts of one replica.
///
/// @param specHash the spec hash of the replica
public record ReplicaParts(
    ReplicaName name,
    String specHash,
    ReplicaHost host,
    ReplicaProbe probe,
    ReplicaMachine machine) {}
