// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.server.configuration.Configuration;
import dev.weir.server.configuration.Setting;
import dev.weir.snapshot.metric.Exposition;
import dev.weir.snapshot.metric.Metric;
import dev.weir.snapshot.metric.Metric.Plane;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Both planes expose the declared metrics.
@Timeout(120)
class MetricsEndpointTest {
  @TempDir Path folder;

  private static String page(String url) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(url + "/metrics")).build(),
              BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      return answer.body();
    }
  }

  private static int unknown(String url) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(url + "/v1/chat/completions"))
              .header("authorization", "Bearer nobody")
              .POST(BodyPublishers.ofString("{}"))
              .build();
      return client.send(request, BodyHandlers.discarding()).statusCode();
    }
  }

  @Test
  void both_planes_expose_exactly_the_declared_metrics() throws Exception {
    Path log = folder.resolve("access.log");
    Configuration configuration =
        Configuration.load(
            Optional.empty(),
            Map.of(),
            Map.of(
                Setting.DATA,
                folder.toString(),
                Setting.ACCESS_LOG,
                log.toString(),
                Setting.CONTROL,
                "127.0.0.1:0",
                Setting.GATEWAY,
                "127.0.0.1:0"));
    try (ControlPlane control = ControlPlane.start(configuration, TestHooks.NONE, () -> true);
        GatewayPlane gateway =
            GatewayPlane.start(
                configuration, folder.resolve("gateway"), control.link(), Set.of(control.port()))) {
      String shown = page(gateway.url());
      assertThat(Exposition.undeclared(shown, Plane.GATEWAY)).isEmpty();
      assertThat(Exposition.absent(shown, Plane.GATEWAY))
          .as("only metrics that need TLS or routes are absent")
          .containsExactlyInAnyOrder(Metric.CERTIFICATE_REMAINING, Metric.FALLBACKS);
      assertThat(unknown(gateway.url())).isEqualTo(401);

      String first = page(control.url());
      assertThat(Exposition.undeclared(first, Plane.CONTROL)).isEmpty();
      assertThat(Exposition.absent(page(control.url()), Plane.CONTROL))
          .as("only metrics that need alerts, replicas or late gateways are absent")
          .containsExactlyInAnyOrder(
              Metric.ALERTS_FIRING,
              Metric.ALERTS_UNDELIVERED,
              Metric.CERTIFICATE_REMAINING,
              Metric.UNCONVERGED,
              Metric.REPLICA_RUNNING,
              Metric.REPLICA_WAITING,
              Metric.REPLICA_KV_USAGE,
              Metric.REPLICA_ASLEEP,
              Metric.REPLICA_METRICS_MISSING,
              Metric.REPLICA_METRICS_AGE);
    }
    assertThat(Files.readString(log))
        .as("the access log is complete when the gateway has ended")
        .contains("\"path\":\"/v1/chat/completions\"", "\"status\":401");
  }
}
