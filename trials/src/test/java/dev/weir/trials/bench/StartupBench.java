// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Times `weir up` from the start of the process to 200 on both `/ready`, on a new data folder,
/// five times; prints the median.
public final class StartupBench {
  private static final int RUNS = 5;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private StartupBench() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    double[] seconds = new double[RUNS];
    for (int run = 0; run < RUNS; run++) {
      seconds[run] = once();
      System.err.printf(Locale.ROOT, "run %d: %.2f s%n", run + 1, seconds[run]);
    }
    Arrays.sort(seconds);
    if (Arrays.asList(args).contains("--json")) {
      System.out.printf(
          Locale.ROOT,
          "{\"medianSeconds\": %.3f, \"minSeconds\": %.3f, \"maxSeconds\": %.3f, \"runs\": %d}%n",
          seconds[RUNS / 2],
          seconds[0],
          seconds[RUNS - 1],
          RUNS);
    } else {
      System.out.printf(
          Locale.ROOT,
          "weir up to both /ready: median %.2f s (%.2f to %.2f, %d runs)%n",
          seconds[RUNS / 2],
          seconds[0],
          seconds[RUNS - 1],
          RUNS);
    }
  }

  private static double once() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("weir-startup");
    List<String> command =
        new ArrayList<>(
            List.of(
                String.valueOf(System.getenv("WEIR_LAUNCHER")),
                "up",
                "--data",
                folder.resolve("data").toString(),
                "--gateway",
                "127.0.0.1:0",
                "--control",
                "127.0.0.1:0"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile());
    builder.environment().put("WEIR_NO_BUILD", "1");
    builder.environment().put("WEIR_CONFIG_DIR", folder.resolve("config").toString());
    long start = System.nanoTime();
    Process up = builder.start();
    try (HttpClient http = HttpClient.newHttpClient()) {
      Path ready = folder.resolve("data/weir.json");
      await(() -> Files.exists(ready), up);
      JsonNode addresses = JSON.readTree(Files.readString(ready));
      for (String plane : List.of("gateway", "control")) {
        String host = addresses.get(plane).asString().replaceFirst("^http://", "");
        await(() -> ready(http, URI.create("http://" + host + "/ready")), up);
      }
      return (System.nanoTime() - start) / 1e9;
    } finally {
      up.destroy();
      up.waitFor(30, TimeUnit.SECONDS);
    }
  }

  private interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }

  private static void await(Condition condition, Process up)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.holds()) {
      if (!up.isAlive() || System.nanoTime() > deadline) {
        throw new IOException("weir up did not become ready");
      }
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
  }

  private static boolean ready(HttpClient http, URI uri) throws InterruptedException {
    try {
      return http.send(
                  HttpRequest.newBuilder(uri).GET().build(), HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    }
  }
}
