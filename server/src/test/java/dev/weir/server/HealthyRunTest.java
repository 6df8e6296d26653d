// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.ControlEndpoint;
import dev.weir.client.NewKeyRequest;
import dev.weir.client.WeirClient;
import dev.weir.gateway.link.HttpControlLink;
import dev.weir.model.Service;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.server.configuration.Configuration;
import dev.weir.server.configuration.Setting;
import dev.weir.server.logging.CapturedLog;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Both planes as in two processes, with simulated engines and without failures.
@Timeout(180)
class HealthyRunTest {
  @TempDir Path folder;

  @Test
  void a_complete_release_logs_no_warning_and_a_created_key_serves_a_gateway() throws Exception {
    CapturedLog log = new CapturedLog("dev.weir");
    try (log;
        ControlPlane control = ControlPlane.start(configuration(), TestHooks.NONE, () -> true);
        WeirClient client = client(control);
        HttpControlLink link = link(control, key(client));
        GatewayPlane _ =
            GatewayPlane.start(
                configuration(), folder.resolve("gateway"), link, Set.of(control.port()))) {
      client.apply(ChatManifest.upTo(1, "{strategy: recreate}"), false, "test");
      await(() -> serves(client, "chat@1"));
      client.apply(ChatManifest.upTo(2, "{strategy: recreate}"), false, "test");
      await(() -> serves(client, "chat@2"));
      assertThat(client.gateways()).singleElement().matches(gateway -> gateway.connected());
    }
    assertThat(log.warnings()).isEmpty();
  }

  /// Creates a key like `weir key create edge --role gateway`.
  private static String key(WeirClient client) {
    NewKeyRequest request =
        new NewKeyRequest("edge", Optional.of(Role.GATEWAY), List.of(), false, Optional.empty());
    return client.issueKey("default", "edge", request, "test").key();
  }

  private static HttpControlLink link(ControlPlane control, String key) {
    return new HttpControlLink(
        URI.create("http://127.0.0.1:" + control.port()), () -> key, Optional.empty());
  }

  private static boolean serves(WeirClient client, String version) {
    Service service = (Service) client.get(ResourceRef.of(Kind.SERVICE, "default", "chat"));
    return service.status().rollout().isEmpty()
        && service
            .status()
            .stable()
            .filter(stable -> stable.version().toString().equals(version))
            .isPresent();
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("the deadline of 60 s").isLessThan(end);
      boolean _ = never.await(100, TimeUnit.MILLISECONDS);
    }
  }

  private Configuration configuration() {
    return Configuration.load(
        Optional.empty(),
        Map.of(),
        Map.of(
            Setting.DATA, folder.toString(),
            Setting.CONTROL, "127.0.0.1:0",
            Setting.GATEWAY, "127.0.0.1:0"));
  }

  private static WeirClient client(ControlPlane plane) throws IOException {
    String key = Files.readString(plane.adminKeyFile()).strip();
    return new WeirClient(ControlEndpoint.of(URI.create("http://127.0.0.1:" + plane.port()), key));
  }
}
