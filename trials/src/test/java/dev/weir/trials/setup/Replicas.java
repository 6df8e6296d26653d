// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.setup;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The replicas of a Service of simulated or scripted engines, as `weir get replicas` shows them.
public final class Replicas {
  private static final Polling POLLING = new Polling(Duration.ofMinutes(3), Duration.ofMillis(200));

  private final WeirProcess weir;

  public Replicas(WeirProcess weir) {
    this.weir = weir;
  }

  /// One replica.
  public record Shown(String name, String state, long pid, int restarts, String reason) {}

  /// A Target, a Model, a version and a Service.
  ///
  /// @param engine the engine's spec, as a YAML flow mapping
  public static String manifest(String service, String engine, int replicas) {
    return """
    apiVersion: weir.dev/v1
    kind: Target
    metadata: {name: local}
    spec: {provider: process, allowedCommands: ["/bin/sh"]}
    """
        + TrialManifests.model(service)
        + TrialManifests.version(service, 1, engine)
        + """
        ---
        apiVersion: weir.dev/v1
        kind: Service
        metadata: {name: %1$s}
        spec: {version: %1$s@1, placements: [{target: local, replicas: %2$d}]}
        """
            .formatted(service, replicas);
  }

  /// A simulated engine that can be recognized by its environment.
  public static String simulated(String mark) {
    return "{type: sim, env: {TRIAL: \"" + mark + "\"}}";
  }

  /// Applies without waiting and ignores failures.
  public void apply(String manifest) throws IOException, InterruptedException {
    var _ = weir.run("apply", "-f", weir.file(manifest));
  }

  /// Sorted by name; empty when Weir does not answer.
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

  /// @return the replicas as they were read last, as wanted or not
  public List<Shown> await(Predicate<List<Shown>> wanted) throws IOException, InterruptedException {
    return POLLING.read(this::shown, wanted);
  }

  public List<Shown> awaitReady(int count) throws IOException, InterruptedException {
    return await(all -> ready(all, count));
  }

  public static boolean ready(List<Shown> all, int count) {
    return all.size() == count && all.stream().allMatch(each -> each.state().equals("Ready"));
  }
}
