// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.provider;

import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.AuditCheck;
import dev.weir.trials.setup.Clients;
import dev.weir.trials.setup.Polling;
import dev.weir.trials.setup.TrialManifests;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Releases on a full Target, on real processes: in place of old replicas, rolled back in place,
/// waiting for capacity, and on capacity that another Service lends. The trial counts processes
/// itself, and clients send requests all the time.
public final class CapacityTrial implements Trial {
  private static final String NOT_COUNTED = "not-counted";
  private static final int CLIENTS = 5;
  private static final Duration BETWEEN = Duration.ofMillis(250);
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Polling MESSAGE = new Polling(Duration.ofSeconds(20), Duration.ZERO);

  @Override
  public String name() {
    return "capacity";
  }

  @Override
  public String about() {
    return "releases on a full Target: in place, rolled back (--full: waiting for capacity, borrowed)";
  }

  @Override
  public List<String> mutations() {
    return List.of(NOT_COUNTED);
  }

  @Override
  public void run(TrialRun run) throws Exception {
    String mark = UUID.randomUUID().toString();
    try (WeirProcess weir = WeirProcess.up();
        Census census = new Census(new Engines("TRIAL=" + mark))) {
      Floor floor = new Floor(run, weir, mark);
      floor.holds(4);
      weir.apply(versions("chat", mark, 4) + service("chat", 1, "auto", ""));
      weir.apply(versions("embed", mark, 1) + service("embed", 1, "auto", "lends: {replicas: 1}"));
      try (Clients clients = new Clients(weir, weir.inferenceKey(), "chat", CLIENTS, 12, BETWEEN)) {
        inPlace(run, floor, census);
        if (run.full()) {
          held(run, floor, census);
          borrowed(run, floor, census);
        }
        clients.stop();
        run.check("no client sees a failure", clients.failed() == 0, clients.failures());
        run.figure("requests", clients.answered());
      }
      AuditCheck.verify(run, weir);
    }
  }

  private static void inPlace(TrialRun run, Floor floor, Census census) throws Exception {
    census.begin();
    floor.release("chat", 2, "auto", "capacity: in place");
    floor.ended("chat", "promoted in place of the old replicas");
    floor.weir().ok("rollout", "undo", "chat", "--reason", "trial");
    floor.ended("chat", "rolled back in place");
    run.check(
        "never more processes than the capacity of the Target", census.most() <= 4, census.most());
    run.check(
        "never fewer than one process of chat", census.fewest("chat") >= 1, census.fewest("chat"));
  }

  private static void held(TrialRun run, Floor floor, Census census) throws Exception {
    census.begin();
    floor.release("chat", 3, "surge", "not enough capacity: ");
    String told =
        floor.message(
            "chat",
            "not enough capacity: it needs 2 more replicas on local; 4 of 4 replicas on local"
                + " are in use: default/chat 2, default/embed 2");
    run.check("the message reports the missing capacity", told.contains("4 of 4 replicas"), told);
    run.check("the release does not start", census.most() <= 4, census.most());
    floor.holds(6);
    floor.ended("chat", "promoted as soon as there is capacity");
    run.check("the release uses all the capacity that it needs", census.most() == 6, census.most());
  }

  private static void borrowed(TrialRun run, Floor floor, Census census) throws Exception {
    floor.holds(5);
    census.begin();
    floor.release("chat", 4, "borrow", "borrow");
    floor.ended("chat", "promoted on capacity that another Service lends");
    run.check(
        "never more processes than the capacity of the Target", census.most() <= 5, census.most());
    run.check(
        "the lending Service keeps one replica",
        census.fewest("embed") == 1,
        census.fewest("embed") + " of embed");
    run.check("lent capacity is returned", census.await("embed", 2), "not within a minute");
  }

  /// The Target and the releases on it.
  private record Floor(TrialRun run, WeirProcess weir, String mark) {
    void holds(int replicas) throws IOException, InterruptedException {
      weir.apply(
          """
          apiVersion: weir.dev/v1
          kind: Target
          metadata: {name: local}
          spec: {provider: process, capacity: {replicas: %d}}
          """
              .formatted(run.mutated(NOT_COUNTED) ? 99 : replicas));
    }

    void release(String service, int version, String capacity, String planned)
        throws IOException, InterruptedException {
      String manifest = service(service, version, capacity, "");
      String plan = weir.run("plan", "-f", weir.file(manifest)).out();
      run.check("the plan reports: " + planned, plan.contains(planned), plan);
      weir.submit(manifest);
    }

    void ended(String service, String how) throws IOException, InterruptedException {
      long start = System.nanoTime();
      WeirProcess.Ran ran = weir.awaitRollout(service, PATIENCE);
      run.check(how, ran.status() == 0, ran);
      run.figure(how + ", seconds", (System.nanoTime() - start) / 1_000_000_000);
    }

    /// The status of the rollout, read until it contains the wanted text.
    String message(String service, String wanted) throws IOException, InterruptedException {
      return MESSAGE.read(
          () -> weir.run("rollout", "status", service).out().replaceAll("\\s+", " "),
          message -> message.contains(wanted));
    }
  }

  /// Counts processes continuously.
  private static final class Census implements AutoCloseable {
    private static final Polling POLLING =
        new Polling(Duration.ofMinutes(1), Duration.ofMillis(50));

    private final Engines engines;
    private volatile boolean over;
    private int most;
    private Map<String, Integer> fewest = new HashMap<>();
    private Map<String, Integer> now = Map.of();

    Census(Engines engines) {
      this.engines = engines;
      Thread.ofPlatform().daemon().start(this::count);
    }

    private void count() {
      while (!over) {
        look();
        LockSupport.parkNanos(POLLING.interval().toNanos());
      }
    }

    private synchronized void look() {
      now = new HashMap<>(Map.of("chat", 0, "embed", 0));
      engines.perReplica().forEach((log, count) -> now.merge(service(log), count, Integer::sum));
      most = Math.max(most, now.values().stream().mapToInt(Integer::intValue).sum());
      now.forEach((name, count) -> fewest.merge(name, count, Math::min));
    }

    private static String service(String log) {
      return log.contains("default.embed-") ? "embed" : "chat";
    }

    /// Discards earlier counts.
    synchronized void begin() {
      most = 0;
      fewest = new HashMap<>();
    }

    synchronized int most() {
      return most;
    }

    synchronized int fewest(String service) {
      return fewest.getOrDefault(service, 0);
    }

    synchronized int running(String service) {
      return now.getOrDefault(service, 0);
    }

    boolean await(String service, int count) throws IOException, InterruptedException {
      return POLLING.holds(() -> running(service) == count);
    }

    @Override
    public void close() {
      over = true;
    }
  }

  private static String versions(String model, String mark, int count) {
    String engine =
        "{type: sim, args: [\"--latency-spread\", \"0.02\"], env: {TRIAL: \"%s\"}}".formatted(mark);
    return IntStream.rangeClosed(1, count)
        .mapToObj(version -> TrialManifests.version(model, version, engine))
        .collect(Collectors.joining("", TrialManifests.model(model), "---\n"));
  }

  private static String service(String name, int version, String capacity, String more) {
    return """
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: %1$s}
    spec:
      version: %1$s@%2$d
      placements: [{target: local, replicas: 2}]
      %4$s
      release:
        capacity: %3$s
        steps: [{weight: 50}]
        bake: {duration: 0s}
        analysis:
          minStepDuration: 5s
          dispersion: 1
          metrics: {error: {margin: 10%%}, truncated: {margin: 10%%}, empty: {margin: 10%%}, refusal: {margin: 10%%},
                    ttft: {action: warn, gating: false}, itl: {action: warn, gating: false}}
    """
        .formatted(name, version, capacity, more);
  }
}
