// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.setup;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/// The output of `weir get replicas`.
public record FleetView(List<One> all) {
  private static final Duration INTERVAL = Duration.ofMillis(250);

  /// @param pid 0 for a process that Weir did not start
  public record One(
      String name, String version, String state, String endpoint, long pid, String reason) {
    public boolean ready() {
      return state.equals("Ready");
    }
  }

  public static FleetView of(WeirProcess weir) throws IOException, InterruptedException {
    List<One> all = new ArrayList<>();
    for (JsonNode item : weir.json("get", "replicas").get("items")) {
      all.add(
          new One(
              item.path("name").asString(),
              item.path("version").asString(),
              item.path("state").asString(),
              item.path("endpoint").asString(""),
              item.path("pid").asLong(0),
              item.path("reason").asString("")));
    }
    return new FleetView(all);
  }

  /// @return the replicas as they were read last, as wanted or not
  public static FleetView await(WeirProcess weir, Duration timeout, Predicate<FleetView> wanted)
      throws IOException, InterruptedException {
    return new Polling(timeout, INTERVAL).read(() -> of(weir), wanted);
  }

  public List<One> ready(String version) {
    return all.stream().filter(one -> one.ready() && one.version().equals(version)).toList();
  }

  public One named(String name) {
    return all.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
  }
}
