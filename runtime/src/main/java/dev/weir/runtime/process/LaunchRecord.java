// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.runtime.ReplicaIntent;
import dev.weir.runtime.lifecycle.ReplicaLifecycle.Memory;
import java.time.Instant;

/// The record of a launch, written before the process starts and removed after it has ended. It
/// contains references to secrets, never secrets.
///
/// @param launchId unique for each start; also in the child's environment
/// @param bootId the machine's boot id at the start
/// @param port the assigned port
record LaunchRecord(
    ReplicaIntent intent,
    String launchId,
    String bootId,
    int port,
    Instant startedAt,
    Memory memory) {
  LaunchRecord with(Memory now) {
    return new LaunchRecord(intent, launchId, bootId, port, startedAt, now);
  }
}
