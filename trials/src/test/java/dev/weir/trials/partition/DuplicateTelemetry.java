// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.partition;

import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.Telemetry.ReplicaSlice;
import dev.weir.snapshot.TelemetryCodec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;

/// The deliberate bug: a telemetry batch whose attempts the control plane already counted, sent
/// again under another id.
final class DuplicateTelemetry {
  private DuplicateTelemetry() {}

  /// @param key of the gateways
  /// @return the HTTP status
  static int send(String control, String key) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create(control + "/internal/v1/telemetry"))
                  .header("content-type", "application/json")
                  .header("authorization", "Bearer " + key)
                  .POST(HttpRequest.BodyPublishers.ofByteArray(TelemetryCodec.encode(batch())))
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }

  private static Telemetry batch() {
    ReplicaSlice slice =
        new ReplicaSlice(
            "default/chat",
            "chat@2",
            "chat-2-0",
            0,
            1,
            7,
            0,
            0,
            0,
            0,
            0,
            0,
            Map.of(),
            Map.of(),
            Map.of(),
            Map.of());
    return new Telemetry(
        "gw-0",
        "again",
        1,
        "trial",
        List.of(2),
        0,
        "",
        1,
        0,
        List.of(slice),
        List.of(),
        List.of(),
        List.of());
  }
}
