// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The state of one gateway at one moment.
///
/// @param sequence the snapshot that it last acknowledged, 0 for none
/// @param format the snapshot format that it receives; empty until it has reported to this process
/// @param acknowledgedAt when it first reported this snapshot
/// @param silence the time since its last heartbeat
/// @param lease the maximum time for which it may send requests to canaries without a new heartbeat
/// @param store identity of the store whose snapshots it accepts; empty if unknown
/// @param followsAnotherStore whether this is another store than that of this control plane, so
///   that the gateway refuses the published snapshots
/// @param problems what the gateway cannot do although configured, in its own text
public record GatewayState(
    String id,
    String boot,
    String version,
    long sequence,
    String hash,
    Optional<Integer> format,
    Instant acknowledgedAt,
    Instant lastSeen,
    Duration silence,
    Duration lease,
    boolean connected,
    String store,
    boolean followsAnotherStore,
    List<String> problems) {
  public GatewayState {
    problems = List.copyOf(problems);
  }
}
