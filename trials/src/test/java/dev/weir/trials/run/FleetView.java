// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.run;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What `weir get replicas` says.
public record FleetView(List<One> all) {
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);

  /// @param pid 0 for one that Weir did not start
  public record One(
      String name, String version, String state, String endpoint, long pid, String reason) {
    public boolean ready() {
      return state.equals("Ready");
    }
  }

  public static FleetView of(WeirProcess weir) throws IOException, InterruptedException {
    List<One> all = new ArrayList<>();
    for (JsonNode item :
        JsonMapper.shared().readTree(weir.ok("get", "replicas", "-o", "json")).get("items")) {
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

  /// Looks again and again until it is so; the last look, whether it is so or not.
  public static FleetView await(WeirProcess weir, Duration most, Predicate<FleetView> so)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + most.toNanos();
    FleetView now = of(weir);
    while (!so.test(now) && System.nanoTime() < deadline) {
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
      now = of(weir);
    }
    return now;
  }

  public List<One> ready(String version) {
    return all.stream().filter(one -> one.ready() && one.version().equals(version)).toList();
  }

  public One named(String name) {
    return all.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
  }
}
