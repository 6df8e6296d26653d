// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

/// The acknowledgement of a telemetry batch.
///
/// @param batch the newest stored batch of this boot; do not resend it or earlier ones
/// @param leaseMillis how long canaries may receive traffic, from the time when the batch was
///   *sent*; 0 when the gateway's snapshot must not route to canaries
/// @param gateways number of live gateways including this one, which divides the limits; 0 when the
///   control plane does not send it
/// @param store the control plane's store and the head of its audit log; unknown when the control
///   plane does not send it
/// @param holdsWitness whether the audit log contains the head that the batch reported, so that the
///   gateway can replace it with the newer one
public record TelemetryAck(
    long batch, long leaseMillis, int gateways, StoreHead store, boolean holdsWitness) {
  /// An acknowledgement without store data.
  public TelemetryAck(long batch, long leaseMillis, int gateways) {
    this(batch, leaseMillis, gateways, StoreHead.UNKNOWN, true);
  }

  /// An acknowledgement without the number of gateways.
  public TelemetryAck(long batch, long leaseMillis) {
    this(batch, leaseMillis, 0);
  }
}
