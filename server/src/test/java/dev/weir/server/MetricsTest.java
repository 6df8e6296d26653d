// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.snapshot.metric.Exposition;
import dev.weir.snapshot.metric.Metric;
import dev.weir.snapshot.metric.Metric.Plane;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What both planes show is what is declared.
@Timeout(120)
class MetricsTest {
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

  @Test
  void both_planes_show_what_is_declared_and_nothing_else() throws Exception {
    Configuration configuration =
        Configuration.load(
            Optional.empty(),
            Map.of(),
            Map.of(
                Setting.DATA, folder.toString(),
                Setting.CONTROL, "127.0.0.1:0",
                Setting.GATEWAY, "127.0.0.1:0"));
    try (ControlPlane control = ControlPlane.start(configuration, Seams.NONE, () -> true);
        GatewayPlane gateway =
            GatewayPlane.start(
                configuration, folder.resolve("gateway"), control.link(), Set.of(control.port()))) {
      String shown = page(gateway.url());
      assertThat(Exposition.undeclared(shown, Plane.GATEWAY)).isEmpty();
      assertThat(Exposition.absent(shown, Plane.GATEWAY))
          .as("those of TLS, of routes that were asked for and of an access log come with these")
          .containsExactlyInAnyOrder(
              Metric.CERTIFICATE_REMAINING, Metric.FALLBACKS, Metric.ACCESS_LOG_DROPPED);

      String first = page(control.url());
      assertThat(Exposition.undeclared(first, Plane.CONTROL)).isEmpty();
      assertThat(Exposition.absent(page(control.url()), Plane.CONTROL))
          .as("and those of replicas and of gateways that are late")
          .containsExactlyInAnyOrder(
              Metric.CERTIFICATE_REMAINING,
              Metric.UNCONVERGED,
              Metric.REPLICA_RUNNING,
              Metric.REPLICA_WAITING,
              Metric.REPLICA_KV_USAGE,
              Metric.REPLICA_ASLEEP,
              Metric.REPLICA_METRICS_MISSING,
              Metric.REPLICA_METRICS_AGE);
    }
  }
}
