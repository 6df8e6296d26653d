// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import dev.weir.client.ControlEndpoint;
import dev.weir.client.WeirClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A control plane and a gateway as separate processes with their data in one folder.
final class DemoStack implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);

  private final ChildProcess control;
  private final ChildProcess gateway;
  private final String gatewayUrl;
  private final WeirClient client;

  private DemoStack(
      ChildProcess control, ChildProcess gateway, String gatewayUrl, WeirClient client) {
    this.control = control;
    this.gateway = gateway;
    this.gatewayUrl = gatewayUrl;
    this.client = client;
  }

  static DemoStack start(List<String> weir, Path folder, DeadlineWait deadlineWait)
      throws IOException, InterruptedException {
    Map<String, String> environment =
        Map.of("WEIR_CONFIG_DIR", folder.resolve("config").toString());
    Path controlData = folder.resolve("control");
    ChildProcess control =
        ChildProcess.start(
            "control",
            weir,
            List.of("control", "--data", controlData.toString(), "--control", "127.0.0.1:0"),
            folder,
            environment);
    control.logOutput();
    try {
      JsonNode addresses = ready(control, controlData, deadlineWait);
      String url = addresses.get("control").asString();
      Path key = Path.of(addresses.get("adminKeyFile").asString());
      Path gatewayData = folder.resolve("gateway");
      ChildProcess gateway =
          ChildProcess.start(
              "gateway",
              weir,
              List.of(
                  "gateway",
                  "--data",
                  gatewayData.toString(),
                  "--gateway",
                  "127.0.0.1:0",
                  "--control",
                  url,
                  "--key",
                  "file:" + controlData.resolve("gateway.key")),
              folder,
              environment);
      gateway.logOutput();
      return connect(
          control, gateway, gatewayData, url, Files.readString(key).strip(), deadlineWait);
    } catch (IOException | InterruptedException | RuntimeException e) {
      control.close();
      throw e;
    }
  }

  private static DemoStack connect(
      ChildProcess control,
      ChildProcess gateway,
      Path gatewayData,
      String url,
      String key,
      DeadlineWait deadlineWait)
      throws IOException, InterruptedException {
    try {
      String gatewayUrl = ready(gateway, gatewayData, deadlineWait).get("gateway").asString();
      return new DemoStack(
          control, gateway, gatewayUrl, new WeirClient(ControlEndpoint.of(URI.create(url), key)));
    } catch (IOException | InterruptedException | RuntimeException e) {
      gateway.close();
      throw e;
    }
  }

  private static JsonNode ready(ChildProcess child, Path data, DeadlineWait deadlineWait)
      throws IOException, InterruptedException {
    Path file = data.resolve("weir.json");
    deadlineWait.until(
        START,
        "the addresses in " + file,
        () -> {
          child.mustLive();
          return Files.exists(file);
        });
    return JsonMapper.shared().readTree(Files.readString(file));
  }

  void mustLive() {
    control.mustLive();
    gateway.mustLive();
  }

  String gatewayUrl() {
    return gatewayUrl;
  }

  WeirClient client() {
    return client;
  }

  /// Stops the gateway first, then the control plane, which stops the replicas.
  @Override
  public void close() {
    client.close();
    gateway.close();
    control.close();
  }
}
