// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.server.configuration.Configuration;
import dev.weir.server.configuration.Setting;
import dev.weir.simulator.SimOptions;
import dev.weir.simulator.SimServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// Starts both planes, sends a few requests and exits; `./weir` records its start-up cache from
/// this run.
@Command(name = "aot-warmup", hidden = true)
final class AotWarmupCommand implements Callable<Integer> {
  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("weir-train");
    Configuration configuration =
        Configuration.load(
            Optional.empty(),
            Map.of(),
            Map.of(
                Setting.DATA, folder.toString(),
                Setting.GATEWAY, "127.0.0.1:0",
                Setting.CONTROL, "127.0.0.1:0",
                Setting.LOG_FORMAT, "json",
                Setting.LOG_LEVEL, "warn"));
    Serving.prepared(new ServeOptions(), configuration);
    try (SingleProcess singleProcess =
            SingleProcess.start(configuration, TestHooks.NONE, () -> false);
        SimServer sim = SimServer.start(SimOptions.parse("--port", "0", "--time-scale", "100"));
        HttpClient http = HttpClient.newHttpClient()) {
      String key = Files.readString(singleProcess.adminKeyFile()).strip();
      get(http, singleProcess.control() + "/ready", key);
      get(http, singleProcess.control() + "/api/v1/openapi.json", key);
      get(http, singleProcess.control() + "/api/v1/namespaces/default/services", key);
      get(http, singleProcess.gateway() + "/ready", key);
      get(http, singleProcess.gateway() + "/v1/models", key);
      get(http, singleProcess.gateway() + "/metrics", key);
      chat(http, sim.baseUrl().toString());
    }
    return 0;
  }

  private static void get(HttpClient http, String url, String key)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url)).header("authorization", "Bearer " + key).build();
    // The response does not matter; the code only has to run.
    var _ = http.send(request, HttpResponse.BodyHandlers.discarding());
  }

  private static void chat(HttpClient http, String engine)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(engine + "/v1/chat/completions"))
            .header("content-type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    """
                    {"model": "sim", "stream": true, "max_tokens": 8,
                     "messages": [{"role": "user", "content": "hello"}]}
                    """))
            .build();
    // The response does not matter; the code only has to run.
    var _ = http.send(request, HttpResponse.BodyHandlers.discarding());
  }
}
