// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Telemetry and its acknowledgement as bytes: one line of JSON each (see `WireJson` for the
/// dialect).
public final class TelemetryCodec {
  /// The maximum size of a batch in bytes; senders use much smaller batches.
  public static final int MAX_BYTES = 16 * 1024 * 1024;

  private static final int MAX_ACK_BYTES = 4096;
  private static final String ACK = "telemetry answer";
  private static final String BATCH = "telemetry batch";

  /// Reads batches of a gateway of the previous version, which lack a few fields. The snapshot
  /// formats that it reads identify it.
  private static final JsonMapper FORMER =
      WireJson.MAPPER
          .rebuild()
          .disable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  private TelemetryCodec() {}

  /// An acknowledgement of a control plane of the previous version, which has no audit head.
  private record FormerAck(long batch, long leaseMillis, int gateways) {}

  public static byte[] encode(Telemetry telemetry) {
    return WireJson.write(telemetry);
  }

  public static byte[] encode(TelemetryAck ack) {
    return WireJson.write(ack);
  }

  /// @throws WireFormatException when the bytes are corrupt or too many
  public static Telemetry decode(byte[] bytes) throws WireFormatException {
    return WireJson.topLevelIntegers(bytes, "formatVersions", BATCH)
            .contains((long) RoutingSnapshot.FORMAT_VERSION)
        ? WireJson.read(bytes, Telemetry.class, MAX_BYTES, BATCH)
        : WireJson.read(FORMER, bytes, Telemetry.class, MAX_BYTES, BATCH);
  }

  /// @throws WireFormatException when the bytes are corrupt or too many
  public static TelemetryAck decodeAck(byte[] bytes) throws WireFormatException {
    if (WireJson.names(bytes, "store", ACK)) {
      return WireJson.read(bytes, TelemetryAck.class, MAX_ACK_BYTES, ACK);
    }
    FormerAck old = WireJson.read(bytes, FormerAck.class, MAX_ACK_BYTES, ACK);
    return new TelemetryAck(old.batch(), old.leaseMillis(), old.gateways());
  }
}
