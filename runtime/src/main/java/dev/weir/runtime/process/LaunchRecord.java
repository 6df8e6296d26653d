// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.runtime.ReplicaIntent;
import dev.weir.runtime.lifecycle.ReplicaLifecycle.Memory;
import java.time.Instant;

/// What is written before a process is started, and kept until it is gone. It holds references to
/// secrets, never secrets.
///
/// @param launchId unique for each start; also in the child's environment
/// @param bootId the boot of the machine it was started in
/// @param port the port it was given
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
