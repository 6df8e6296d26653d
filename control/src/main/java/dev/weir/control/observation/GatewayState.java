// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What is known of one gateway in one moment.
///
/// @param sequence the snapshot that it acknowledged last, 0 for none
/// @param format that it is given; empty until it was heard by this process
/// @param acknowledgedAt when it was first heard to serve that
/// @param silence since it was heard last
/// @param lease for at most how long it may still feed canaries if nothing more is heard
/// @param store identity of the store whose snapshots it takes; empty when it is not known
/// @param followsAnotherStore whether that is another than this control plane's, so that it refuses
///   what is published
/// @param problems what it was told to do and cannot, in its own words
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
