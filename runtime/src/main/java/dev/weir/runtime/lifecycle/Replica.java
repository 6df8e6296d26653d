// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import dev.weir.model.ReplicaName;
import dev.weir.runtime.probe.Probe;

/// The parts of one replica.
///
/// @param specHash the hash it runs with
public record Replica(
    ReplicaName name, String specHash, Host host, Probe probe, ReplicaMachine machine) {}
