// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.run;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A Service of simulated or scripted engines on a real Weir, as `weir get replicas` shows it.
public final class Replicas {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

  private final WeirProcess weir;

  public Replicas(WeirProcess weir) {
    this.weir = weir;
  }

  /// One replica as shown.
  public record Shown(String name, String state, long pid, int restarts, String reason) {}

  /// @param engine the engine's spec as a YAML flow mapping
  public static String manifest(String service, String engine, int replicas) {
    return """
    apiVersion: weir.dev/v1
    kind: Target
    metadata: {name: local}
    spec: {provider: process, allowedCommands: ["/bin/sh"]}
    ---
    apiVersion: weir.dev/v1
    kind: Model
    metadata: {name: %1$s}
    spec: {owner: trials}
    ---
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: %1$s-1}
    spec:
      model: %1$s
      version: "1"
      engine: %2$s
    ---
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: %1$s}
    spec: {version: %1$s@1, placements: [{target: local, replicas: %3$d}]}
    """
        .formatted(service, engine, replicas);
  }

  /// An engine of Weir's simulator that can be known by its environment.
  public static String simulated(String mark) {
    return "{type: sim, env: {TRIAL: \"" + mark + "\"}}";
  }

  /// Applies without waiting; whether it could is seen later.
  public void apply(String manifest) throws IOException, InterruptedException {
    Path file = java.nio.file.Files.createTempFile(weir.folder(), "manifest", ".yaml");
    java.nio.file.Files.writeString(file, manifest);
    weir.run("apply", "-f", file.toString());
  }

  /// By name; empty when Weir does not answer.
  public List<Shown> shown() throws IOException, InterruptedException {
    WeirProcess.Ran ran = weir.run("get", "replicas", "-o", "json");
    if (ran.status() != 0) {
      return List.of();
    }
    List<Shown> all = new ArrayList<>();
    for (JsonNode item : JsonMapper.shared().readTree(ran.out()).get("items")) {
      all.add(
          new Shown(
              item.path("name").asString(""),
              item.path("state").asString(""),
              item.path("pid").asLong(0),
              item.path("restarts").asInt(0),
              item.path("reason").asString("")));
    }
    all.sort(Comparator.comparing(Shown::name));
    return all;
  }

  /// Waits until they are as wanted.
  ///
  /// @return what was seen last, wanted or not
  public List<Shown> await(Predicate<List<Shown>> wanted) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    List<Shown> last = shown();
    while (!wanted.test(last) && System.nanoTime() < end) {
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
      last = shown();
    }
    return last;
  }

  public List<Shown> awaitReady(int count) throws IOException, InterruptedException {
    return await(all -> ready(all, count));
  }

  public static boolean ready(List<Shown> all, int count) {
    return all.size() == count && all.stream().allMatch(each -> each.state().equals("Ready"));
  }
}
