// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Telemetry and its answer as bytes: one line of JSON each (see `WireJson` for the dialect).
public final class TelemetryCodec {
  /// The most bytes a batch may have; senders cut their batches well below.
  public static final int MAX_BYTES = 16 * 1024 * 1024;

  private static final int MAX_ACK_BYTES = 4096;
  private static final String ACK = "telemetry answer";
  private static final String BATCH = "telemetry batch";

  /// Reads what a gateway of the version before sends, which lacks a few fields. It is told by the
  /// snapshot formats that it reads.
  private static final JsonMapper FORMER =
      WireJson.MAPPER
          .rebuild()
          .disable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  private TelemetryCodec() {}

  /// An answer of a control plane of the version before, which has no audit head to witness.
  private record FormerAck(long batch, long leaseMillis, int gateways) {}

  public static byte[] encode(Telemetry telemetry) {
    return WireJson.write(telemetry);
  }

  public static byte[] encode(TelemetryAck ack) {
    return WireJson.write(ack);
  }

  /// @throws WireFormatException when the bytes are damaged or too many
  public static Telemetry decode(byte[] bytes) throws WireFormatException {
    return WireJson.topLevelIntegers(bytes, "formatVersions", BATCH)
            .contains((long) RoutingSnapshot.FORMAT_VERSION)
        ? WireJson.read(bytes, Telemetry.class, MAX_BYTES, BATCH)
        : WireJson.read(FORMER, bytes, Telemetry.class, MAX_BYTES, BATCH);
  }

  /// @throws WireFormatException when the bytes are damaged or too many
  public static TelemetryAck decodeAck(byte[] bytes) throws WireFormatException {
    if (WireJson.names(bytes, "store", ACK)) {
      return WireJson.read(bytes, TelemetryAck.class, MAX_ACK_BYTES, ACK);
    }
    FormerAck old = WireJson.read(bytes, FormerAck.class, MAX_ACK_BYTES, ACK);
    return new TelemetryAck(old.batch(), old.leaseMillis(), old.gateways());
  }
}
