// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

import dev.weir.model.value.Default;
import dev.weir.model.value.Text;
import java.time.Instant;
import java.util.List;

/// A gateway as `weir get gateways` shows it.
///
/// @param format format of the snapshots that it receives; 0 until this process has heard from it
/// @param sequence the snapshot that it acknowledged last; 0 for none
/// @param hashStatus whether its hash is the one that was published under this sequence
/// @param published the newest published snapshot
/// @param behindMillis how long a newer snapshot has been available; 0 when the gateway serves the
///   newest
/// @param acknowledgedAt when it first acknowledged the snapshot that it serves
/// @param leaseMillis maximum time for which it may still route to canaries without further contact
/// @param connected whether it sent a recent heartbeat
/// @param store identity of the store whose snapshots it follows; empty when unknown
/// @param followsAnotherStore whether that is another store than the control plane's; the gateway
///   then rejects new snapshots and continues with its own
/// @param problems configuration that the gateway cannot apply, as it reports it
public record GatewayView(
    String id,
    String boot,
    String version,
    int format,
    long sequence,
    String hash,
    HashStatus hashStatus,
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
  public enum HashStatus implements Text {
    RIGHT("right"),
    /// The bytes differ from those published: corruption or a fault in this gateway.
    WRONG("wrong"),
    /// The snapshot was published too long ago, or before the control plane started.
    UNKNOWN("unknown");

    private final String text;

    HashStatus(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }
}
