// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

/// Telemetry and its answer as bytes: one line of JSON each (see `WireJson` for the dialect).
public final class TelemetryCodec {
  /// The most bytes a batch may have; senders cut their batches well below.
  public static final int MAX_BYTES = 16 * 1024 * 1024;

  private static final int MAX_ACK_BYTES = 4096;
  private static final String ACK = "telemetry answer";

  private TelemetryCodec() {}

  /// An answer of a control plane from before the count of gateways.
  private record UncountedAck(long batch, long leaseMillis) {}

  public static byte[] encode(Telemetry telemetry) {
    return WireJson.write(telemetry);
  }

  public static byte[] encode(TelemetryAck ack) {
    return WireJson.write(ack);
  }

  /// @throws WireFormatException when the bytes are damaged or too many
  public static Telemetry decode(byte[] bytes) throws WireFormatException {
    return WireJson.read(bytes, Telemetry.class, MAX_BYTES, "telemetry batch");
  }

  /// @throws WireFormatException when the bytes are damaged or too many
  public static TelemetryAck decodeAck(byte[] bytes) throws WireFormatException {
    if (WireJson.names(bytes, "gateways", ACK)) {
      return WireJson.read(bytes, TelemetryAck.class, MAX_ACK_BYTES, ACK);
    }
    UncountedAck old = WireJson.read(bytes, UncountedAck.class, MAX_ACK_BYTES, ACK);
    return new TelemetryAck(old.batch(), old.leaseMillis());
  }
}
