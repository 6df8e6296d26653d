// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

/// The answer to a telemetry batch.
///
/// @param batch the newest batch of this boot that is stored; it and all before need not be sent
///   again
/// @param leaseMillis canary arms may be fed for so long from when the batch was *sent*; 0 when the
///   gateway serves a snapshot that it must not feed canaries from
/// @param gateways how many are live, the asking one included: limits are divided by it; 0 when the
///   control plane does not say
/// @param store the control plane's store and the head of its audit log; unknown when the control
///   plane does not say
/// @param holdsWitness whether the audit log holds the head that the batch reported, so that the
///   gateway can witness the newer one from now on
public record TelemetryAck(
    long batch, long leaseMillis, int gateways, StoreHead store, boolean holdsWitness) {
  /// An answer that says nothing of the store.
  public TelemetryAck(long batch, long leaseMillis, int gateways) {
    this(batch, leaseMillis, gateways, StoreHead.UNKNOWN, true);
  }

  /// An answer that does not say how many gateways there are.
  public TelemetryAck(long batch, long leaseMillis) {
    this(batch, leaseMillis, 0);
  }
}
