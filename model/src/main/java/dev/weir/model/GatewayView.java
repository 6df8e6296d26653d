// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.time.Instant;
import java.util.List;

/// A gateway as `weir get gateways` shows it.
///
/// @param format of the snapshots that it is given; 0 until it was heard by this process
/// @param sequence the snapshot it acknowledged last, with its hash; 0 for none
/// @param hashIs whether that is the hash that was published under this sequence
/// @param published the newest snapshot there is
/// @param behindMillis for how long there has been a newer one; 0 when it serves the newest
/// @param acknowledgedAt when it was first heard to serve what it serves
/// @param leaseMillis for at most how long it may still feed canaries if nothing more is heard
/// @param connected whether it was heard from within the last heartbeats
/// @param store identity of the store whose snapshots it takes; empty when it is not known
/// @param followsAnotherStore whether that is another than the control plane's, so that it refuses
///   what is published and keeps what it has
/// @param problems what it was told to do and cannot, in its own words
public record GatewayView(
    String id,
    String boot,
    String version,
    int format,
    long sequence,
    String hash,
    HashIs hashIs,
    long published,
    long behindMillis,
    Instant acknowledgedAt,
    Instant lastSeen,
    long leaseMillis,
    boolean connected,
    @Default("") String store,
    @Default("false") boolean followsAnotherStore,
    @Default("[]") List<String> problems) {
  public GatewayView {
    problems = List.copyOf(problems);
  }

  /// Whether a gateway serves what was published.
  public enum HashIs implements Text {
    RIGHT("right"),
    /// Other bytes than were published: damage or a fault in this gateway.
    WRONG("wrong"),
    /// Published too long ago, or before the control plane started.
    UNKNOWN("unknown");

    private final String text;

    HashIs(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }
}
