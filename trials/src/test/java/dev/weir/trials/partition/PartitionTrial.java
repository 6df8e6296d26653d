// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.partition;

import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.Telemetry.ReplicaSlice;
import dev.weir.snapshot.TelemetryCodec;
import dev.weir.trials.partition.GatewayClients.Seen;
import dev.weir.trials.partition.LinkProxy.Mode;
import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A control plane and three gateways, each as a process, each link through a proxy that fails at
/// random while good and bad versions are released under traffic at every gateway. Errors decide,
/// which clients do not see (they are retried before the first byte); latency is what a small
/// machine with so many processes makes of it, so it is no condition here. The last failure is
/// aimed: one gateway is cut off while the bad version has its canary traffic, so that it misses
/// the revert and only the end of its lease can stop it.
public final class PartitionTrial implements Trial {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int GATEWAYS = 3;
  private static final int DEAF = GATEWAYS - 1;
  private static final double REQUESTS_PER_SECOND = 14;
  private static final Duration RELEASE = Duration.ofMinutes(6);
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Duration MARGIN = Duration.ofSeconds(2);
  private static final Pattern SAMPLE =
      Pattern.compile("^(weir_[a-z_]+)(?:\\{[^}]*})? ([0-9.E+-]+)$", Pattern.MULTILINE);

  /// How the versions of a round are released.
  ///
  /// @param release fields of `release`, as a YAML flow mapping
  /// @param fed the phase in which a bad version has requests, or starts in vain
  /// @param weights that a version may have
  /// @param errorRate of the bad version: the fewer answers it is compared with, the more it takes
  /// @param on whose requests a bad version is found out
  private record Manner(
      String name, String release, String fed, Set<Double> weights, double errorRate, On on) {}

  /// On whose requests a bad version is found out.
  private enum On {
    /// Clients'.
    REQUESTS,
    /// Copies of them: no client is ever given its answers.
    COPIES,
    /// None: nothing is compared and nothing serves in between. It does not start.
    NONE
  }

  private static final List<Manner> MANNERS =
      List.of(
          new Manner(
              "canary",
              "steps: [{weight: 25}, {weight: 50}], bake: {duration: 0s}",
              "Progressing",
              Set.of(0.0, 25.0, 50.0),
              0.1,
              On.REQUESTS),
          new Manner(
              "rolling",
              "strategy: rolling, bake: {duration: 30s}, rolling: {settle: 30s}",
              "Progressing",
              Set.of(0.0, 50.0, 95.0),
              0.1,
              On.REQUESTS),
          new Manner(
              "canary with a bake",
              "steps: [{weight: 50}], bake: {duration: 15s}",
              "Progressing",
              Set.of(0.0, 50.0, 95.0),
              0.1,
              On.REQUESTS),
          new Manner(
              "blue-green, found out after the switch",
              "strategy: blueGreen, bake: {duration: 60s}, blueGreen: {keepFor: 5s}",
              "Promoting",
              Set.of(0.0, 95.0, 100.0),
              0.5,
              On.REQUESTS),
          new Manner(
              "blue-green, proven on copies",
              "strategy: blueGreen, bake: {duration: 15s}, blueGreen: {mirror: 50%, keepFor: 5s}",
              "Progressing",
              Set.of(0.0, 95.0, 100.0),
              0.1,
              On.COPIES),
          new Manner(
              "shadow",
              "strategy: shadow, bake: {duration: 15s}, shadow: {sample: 50%, promote: true}",
              "Progressing",
              Set.of(0.0, 95.0),
              0.1,
              On.COPIES),
          new Manner(
              "recreate, of one that does not start",
              "strategy: recreate",
              "Provisioning",
              Set.of(0.0, 100.0),
              0.1,
              On.NONE));

  @Override
  public String name() {
    return "partition";
  }

  @Override
  public String about() {
    return "links between control and three gateways fail during releases (--full: of each"
        + " strategy)";
  }

  @Override
  public List<String> mutations() {
    return List.of("endless-lease", "counted-twice");
  }

  @Override
  public void run(TrialRun run) throws Exception {
    long seed = run.seed();
    for (Manner manner : run.full() ? MANNERS : MANNERS.subList(0, 1)) {
      if (!run.wants(manner.name())) {
        continue;
      }
      run.figure("round of seed " + seed, manner.name());
      try (Planes planes = new Planes(run, manner)) {
        planes.play(seed++);
      }
    }
  }

  private static String version(int number, String... more) {
    List<String> args =
        new ArrayList<>(List.of("--profile", "llama-3.1-8b-h100", "--latency-spread", "0.02"));
    args.addAll(List.of(more));
    return """
    ---
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: chat-%d}
    spec:
      model: chat
      version: "%d"
      engine: {type: sim, args: ["%s"]}
    """
        .formatted(number, number, String.join("\", \"", args));
  }

  private static String service(int version, Manner manner) {
    return """
    ---
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: chat}
    spec:
      version: chat@%d
      placements: [{target: local, replicas: 2}]
      release: {%s, analysis: {
          minStepDuration: 10s, maxStepDuration: 5m, dispersion: 1, metrics: {
            ttft: {action: warn, gating: false},
            itl: {action: warn, gating: false},
            e2e_per_token: {action: warn}}}}
      traffic:
        retries: {budget: 50%%, maxAttempts: 6}
    """
        .formatted(version, manner.release());
  }

  /// The processes of one round.
  private static final class Planes implements AutoCloseable {
    private final TrialRun run;
    private final Manner manner;
    private final Path folder = Files.createTempDirectory("weir-partition");
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final List<LinkProxy> links = new ArrayList<>();
    private final List<WeirProcess> gateways = new ArrayList<>();
    private final List<GatewayClients> clients = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Set<String> named = new LinkedHashSet<>();
    private final Set<Double> weights = new LinkedHashSet<>();

    private final WeirProcess control;
    private double copiesBefore;

    Planes(TrialRun run, Manner manner) throws IOException, InterruptedException {
      this.run = run;
      this.manner = manner;
      control =
          WeirProcess.start(
              WeirProcess.Launch.of(folder, "control", "control", "--control", "127.0.0.1:0"));
      parts.add(control);
    }

    private Path gatewayKey() {
      return folder.resolve("control").resolve("gateway.key");
    }

    private void startGateways() throws IOException, InterruptedException {
      for (int i = 0; i < GATEWAYS; i++) {
        LinkProxy link = new LinkProxy(URI.create(control.control()).getPort());
        parts.add(link);
        links.add(link);
        WeirProcess gateway =
            WeirProcess.start(
                WeirProcess.Launch.of(
                    folder,
                    "gw-" + i,
                    "gateway",
                    "--gateway",
                    "127.0.0.1:0",
                    "--id",
                    "gw-" + i,
                    "--control",
                    "http://127.0.0.1:" + link.port(),
                    "--key",
                    "file:" + gatewayKey()));
        parts.add(gateway);
        gateways.add(gateway);
      }
    }

    void play(long seed) throws Exception {
      startGateways();
      control.apply(
          "apiVersion: weir.dev/v1\nkind: Model\nmetadata: {name: chat}\nspec: {owner: trials}\n"
              + version(1)
              + service(1, manner));
      String key = control.inferenceKey();
      converged("before anything");
      for (WeirProcess gateway : gateways) {
        GatewayClients some = new GatewayClients(gateway.gateway(), key, REQUESTS_PER_SECOND);
        parts.add(some);
        clients.add(some);
      }
      try (LinkChaos weather = new LinkChaos(links, seed)) {
        apply(version(2) + service(2, manner));
        String outcome = ended("chat-1");
        run.check(
            "a good version is promoted whatever links do", "Completed".equals(outcome), outcome);
        copiesBefore = copies();
        apply(bad() + service(3, manner));
        aimedCut(weather);
        run.figure("failures of links, seed " + seed, weather.clear().toString());
      }
      converged("after all links healed");
      if (manner.on() != On.NONE) {
        counted(); // a request that nobody was there for is no attempt
      }
      settle();
    }

    // One gateway loses its link with a fresh lease while the bad version is fed, and gets it back
    // long after the lease's end.
    private void aimedCut(LinkChaos weather) throws Exception {
      until("the bad version is fed", () -> phase("chat-2").equals(manner.fed()));
      weather.spare(DEAF);
      links.get(DEAF).set(Mode.WELL);
      until("gw-" + DEAF + " feeds it", () -> fed() || !phase("chat-2").equals(manner.fed()));
      try (EndlessLeaseProxy endlessLeaseProxy = new EndlessLeaseProxy()) {
        long cutAt = System.nanoTime();
        if (run.mutated("endless-lease")) {
          links.get(DEAF).leadTo(endlessLeaseProxy.port());
        } else {
          links.get(DEAF).set(Mode.CUT);
        }
        String outcome = ended("chat-2");
        long endedAt = System.nanoTime();
        run.check(
            "a bad version is reverted whatever links do", "RolledBack".equals(outcome), outcome);
        long leaseOver = cutAt + LEASE.plus(MARGIN).toNanos();
        parkUntil(Math.max(endedAt, leaseOver));
        double copied = copies();
        parkUntil(Math.max(endedAt, leaseOver) + Duration.ofSeconds(8).toNanos());
        run.check(
            "a gateway that is cut off copies nothing once its lease is over",
            copies() == copied,
            copied + ", then " + copies());
        run.check(
            "a gateway that is cut off serves the stable version by itself once its lease is over",
            answeredBy(DEAF, "chat@3", leaseOver) == 0,
            answeredBy(DEAF, "chat@3", leaseOver) + " answers");
        for (int i = 0; i < GATEWAYS; i++) {
          long after = Math.max(endedAt, leaseOver);
          run.check(
              "no gateway uses the failed version after the revert: gw-" + i,
              answeredBy(i, "chat@3", after) == 0,
              answeredBy(i, "chat@3", after) + " answers");
        }
        run.check(
            "the gateway that missed the revert is named",
            named.stream().anyMatch(said -> said.contains("gw-" + DEAF)) || namedInAudit(),
            named);
        run.figure("said during the revert", named.stream().limit(2).toList().toString());
        links.get(DEAF).leadTo(URI.create(control.control()).getPort());
      }
    }

    /// Of a revert that begins when the lease is over nothing is left to wait for.
    private boolean namedInAudit() throws IOException, InterruptedException {
      return control.ok("audit", "list", "-o", "json").contains("not heard: gw-" + DEAF);
    }

    private String bad() {
      return manner.on() == On.NONE
          ? version(3, "--load-seconds", "3600") + "  startupTimeout: 15s\n"
          : version(3, "--error-rate", Double.toString(manner.errorRate()));
    }

    private boolean fed() throws IOException, InterruptedException {
      return switch (manner.on()) {
        case REQUESTS -> answeredBy(DEAF, "chat@3", 0) > 3;
        case COPIES -> copies() > copiesBefore + 3;
        case NONE -> true;
      };
    }

    private double copies() throws IOException, InterruptedException {
      WeirProcess gateway = gateways.get(DEAF);
      String text = gateway.get(gateway.gateway() + "/metrics", Map.of()).body();
      return samples(text).getOrDefault("weir_shadow_requests_total", 0.0);
    }

    private void settle() throws Exception {
      for (GatewayClients some : clients) {
        some.stop();
      }
      List<Seen> all = clients.stream().flatMap(c -> c.seen().stream()).toList();
      List<Seen> failed = all.stream().filter(s -> !s.failure().isEmpty()).toList();
      run.figure("requests", all.size());
      if (manner.on() == On.NONE) {
        run.figure("requests while nothing served", failed.size());
      } else {
        run.check(
            "no client noticed anything", failed.isEmpty(), failed.stream().limit(3).toList());
      }
      Set<String> versions = new TreeSet<>();
      all.forEach(s -> versions.add(s.version()));
      versions.remove(""); // a stream that waited names its version at its end
      Set<String> expected =
          manner.on() == On.REQUESTS
              ? Set.of("chat@1", "chat@2", "chat@3")
              : Set.of("chat@1", "chat@2");
      run.check(
          "these versions answered clients: " + expected.size(),
          versions.equals(expected),
          versions);
      run.check("weights were those of the stages", manner.weights().containsAll(weights), weights);
      run.check("the audit chain is whole", control.run("audit", "verify").status() == 0, "broken");
    }

    /// Each attempt that a gateway made is counted by control exactly once. Waits until nothing
    /// more is on its way, which needs the clients to rest.
    private void counted() throws Exception {
      for (GatewayClients some : clients) {
        some.stop();
      }
      if (run.mutated("counted-twice")) {
        sendAgainUnderAnotherName();
      }
      Map<String, Double> made = new TreeMap<>();
      until(
          "control has counted as much as gateways have made",
          () -> {
            made.clear();
            for (WeirProcess gateway : gateways) {
              samples(gateway.get(gateway.gateway() + "/metrics", Map.of()).body())
                  .forEach((name, value) -> made.merge(name, value, Double::sum));
            }
            return attemptsCounted() >= attemptsMade(made);
          });
      run.figure("attempts", (long) attemptsMade(made));
      run.check(
          "each attempt is counted once",
          attemptsCounted() == attemptsMade(made),
          "control counted " + attemptsCounted() + ", gateways made " + attemptsMade(made));
      run.check(
          "no batch was given up",
          made.getOrDefault("weir_telemetry_lost_batches_total", 0.0) == 0,
          made.get("weir_telemetry_lost_batches_total"));
    }

    private static double attemptsMade(Map<String, Double> made) {
      return made.getOrDefault("weir_requests_total", 0.0)
          + made.getOrDefault("weir_retries_total", 0.0)
          + made.getOrDefault("weir_resumes_total", 0.0);
    }

    private double attemptsCounted() throws IOException, InterruptedException {
      String text = control.get(control.control() + "/metrics", Map.of()).body();
      return samples(text).getOrDefault("weir_control_telemetry_attempts_total", -1.0);
    }

    // The deliberate bug: what was accepted already is taken for something new.
    private void sendAgainUnderAnotherName() throws IOException, InterruptedException {
      ReplicaSlice slice =
          new ReplicaSlice(
              "default/chat",
              "chat@2",
              "chat-2-0",
              0,
              1,
              7,
              0,
              0,
              0,
              0,
              0,
              0,
              Map.of(),
              Map.of(),
              Map.of(),
              Map.of());
      Telemetry again =
          new Telemetry(
              "gw-0",
              "again",
              1,
              "trial",
              List.of(2),
              0,
              "",
              1,
              0,
              List.of(slice),
              List.of(),
              List.of(),
              List.of());
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create(control.control() + "/internal/v1/telemetry"))
                  .header("content-type", "application/json")
                  .header("authorization", "Bearer " + Files.readString(gatewayKey()).strip())
                  .POST(HttpRequest.BodyPublishers.ofByteArray(TelemetryCodec.encode(again)))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      run.say("planted: HTTP " + answer.statusCode());
    }

    private static Map<String, Double> samples(String metrics) {
      Map<String, Double> sums = new TreeMap<>();
      Matcher sample = SAMPLE.matcher(metrics);
      while (sample.find()) {
        sums.merge(sample.group(1), Double.parseDouble(sample.group(2)), Double::sum);
      }
      return sums;
    }

    private void apply(String manifest) throws IOException, InterruptedException {
      Path file = Files.createTempFile(folder, "manifest", ".yaml");
      Files.writeString(file, manifest);
      control.ok("apply", "-f", file.toString());
    }

    private long answeredBy(int gateway, String version, long afterNanos) {
      return clients.get(gateway).seen().stream()
          .filter(s -> s.version().equals(version) && (afterNanos == 0 || s.atNanos() > afterNanos))
          .count();
    }

    private String phase(String rollout) throws IOException, InterruptedException {
      JsonNode status = asked("/api/v1/namespaces/default/rollouts/" + rollout).path("status");
      if (!status.isObject()) {
        return ""; // there is none yet: a problem's status is a number
      }
      weights.add(status.path("weight").asDouble(0));
      String phase = status.path("phase").asString("");
      String message = status.path("message").asString("");
      if (phase.equals("RollingBack") && message.contains("gw-")) {
        named.add(message);
      }
      return phase;
    }

    private JsonNode asked(String path) throws IOException, InterruptedException {
      return JSON.readTree(
          control
              .get(
                  control.control() + path, Map.of("authorization", "Bearer " + control.adminKey()))
              .body());
    }

    private String ended(String rollout) throws Exception {
      Set<String> ends = Set.of("Completed", "RolledBack", "Aborted", "Superseded");
      until(rollout + " ends", () -> ends.contains(phase(rollout)));
      return phase(rollout);
    }

    private void converged(String when) throws Exception {
      long start = System.nanoTime();
      List<String> last = new ArrayList<>();
      until(
          "gateways converge " + when,
          () -> {
            last.clear();
            JsonNode items = asked("/api/v1/gateways").path("items");
            items.forEach(g -> {
              boolean well =
                  g.path("connected").asBoolean(false)
                      && g.path("sequence").asLong(-1) == g.path("published").asLong(-2)
                      && g.path("hashStatus").asString("").equals("right");
              if (!well) {
                last.add(g.toString());
              }
            });
            return last.isEmpty() && items.size() == GATEWAYS;
          });
      run.check("all gateways serve one snapshot " + when, last.isEmpty(), last);
      run.figure("seconds to converge " + when, (System.nanoTime() - start) / 1_000_000_000L);
    }

    /// Looks until it is so; a trial that waits in vain ends with an error.
    private static void until(String what, Callable<Boolean> holds) throws Exception {
      long deadline = System.nanoTime() + RELEASE.toNanos();
      while (!holds.call()) {
        if (System.nanoTime() > deadline) {
          throw new IOException("not within " + RELEASE + ": " + what);
        }
        LockSupport.parkNanos(Duration.ofMillis(150).toNanos());
      }
    }

    private static void parkUntil(long nanos) {
      while (System.nanoTime() < nanos) {
        LockSupport.parkNanos(nanos - System.nanoTime());
      }
    }

    /// Gateways first, then control, which stops the replicas.
    @Override
    public void close() {
      for (AutoCloseable part : parts.reversed()) {
        try {
          part.close();
        } catch (Exception e) {
          run.fail("closing " + part + ": " + e);
        }
      }
      http.shutdownNow();
    }
  }
}
