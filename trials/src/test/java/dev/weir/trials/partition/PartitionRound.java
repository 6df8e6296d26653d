// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.partition;

import dev.weir.trials.partition.GatewayClients.Seen;
import dev.weir.trials.partition.LinkProxy.Mode;
import dev.weir.trials.partition.ReleaseCase.Evidence;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.AuditCheck;
import dev.weir.trials.setup.MetricSamples;
import dev.weir.trials.setup.Polling;
import dev.weir.trials.setup.TrialManifests;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/// One good and one bad release while links fail.
final class PartitionRound {
  private static final int GATEWAYS = 3;

  /// The gateway that misses the rollback.
  private static final int ISOLATED = GATEWAYS - 1;

  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Duration MARGIN = Duration.ofSeconds(2);
  private static final Duration AFTER_LEASE = Duration.ofSeconds(8);
  private static final Polling POLLING = new Polling(Duration.ofMinutes(6), Duration.ofMillis(150));
  private static final Set<String> ENDS =
      Set.of("Completed", "RolledBack", "Aborted", "Superseded");

  private final TrialRun run;
  private final ReleaseCase releases;
  private final PartitionStack stack;
  private final WeirProcess control;
  private final Set<String> waitingMessages = new LinkedHashSet<>();
  private final Set<Double> weights = new LinkedHashSet<>();
  private double copiesBefore;

  PartitionRound(TrialRun run, ReleaseCase releases, PartitionStack stack) {
    this.run = run;
    this.releases = releases;
    this.stack = stack;
    this.control = stack.control();
  }

  void play(long seed) throws Exception {
    stack.startGateways(GATEWAYS);
    control.apply(TrialManifests.model("chat") + version(1) + service(1));
    converges("at the start");
    stack.startClients();
    try (LinkChaos chaos = new LinkChaos(stack.links(), seed)) {
      control.submit(version(2) + service(2));
      String end = end("chat-1");
      run.check("a good version is promoted while links fail", "Completed".equals(end), end);
      copiesBefore = copies();
      control.submit(badVersion() + service(3));
      isolateOne(chaos);
      run.figure("failures of links, seed " + seed, chaos.clear().toString());
    }
    converges("after all links are repaired");
    if (releases.evidence() != Evidence.NONE) {
      countsAttempts(); // a request without a replica is no attempt
    }
    judge();
  }

  private static String version(int number, String... more) {
    Stream<String> common = Stream.of("--profile", "llama-3.1-8b-h100", "--latency-spread", "0.02");
    String[] args = Stream.concat(common, Stream.of(more)).toArray(String[]::new);
    return TrialManifests.version("chat", number, TrialManifests.simulator(args));
  }

  private String service(int version) {
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
        .formatted(version, releases.release());
  }

  private String badVersion() {
    return releases.evidence() == Evidence.NONE
        ? version(3, "--load-seconds", "3600") + "  startupTimeout: 15s\n"
        : version(3, "--error-rate", Double.toString(releases.errorRate()));
  }

  // One gateway loses its link with a fresh lease while the bad version receives requests. The link
  // is repaired long after the end of the lease.
  private void isolateOne(LinkChaos chaos) throws Exception {
    POLLING.require("the bad version receives requests", this::inBadPhase);
    chaos.spare(ISOLATED);
    stack.set(ISOLATED, Mode.WELL);
    POLLING.require(
        "gw-" + ISOLATED + " sends it requests", () -> servesBadVersion() || !inBadPhase());
    try (EndlessLeaseProxy endlessLease = new EndlessLeaseProxy()) {
      long cutAt = System.nanoTime();
      if (run.mutated(PartitionTrial.ENDLESS_LEASE)) {
        stack.links().get(ISOLATED).leadTo(endlessLease.port());
      } else {
        stack.set(ISOLATED, Mode.CUT);
      }
      String end = end("chat-2");
      long endedAt = System.nanoTime();
      run.check("a bad version is rolled back while links fail", "RolledBack".equals(end), end);
      long leaseOver = cutAt + LEASE.plus(MARGIN).toNanos();
      stopsAtEndOfLease(Math.max(endedAt, leaseOver), leaseOver);
      reportsIsolatedGateway();
      stack.repair(ISOLATED);
    }
  }

  private void stopsAtEndOfLease(long bothOver, long leaseOver)
      throws IOException, InterruptedException {
    parkUntil(bothOver);
    double copied = copies();
    parkUntil(bothOver + AFTER_LEASE.toNanos());
    run.check(
        "an isolated gateway sends no copies after the end of its lease",
        copies() == copied,
        copied + ", then " + copies());
    noBadAnswers(
        "an isolated gateway serves only the stable version after the end of its lease",
        ISOLATED,
        leaseOver);
    for (int i = 0; i < GATEWAYS; i++) {
      noBadAnswers("no gateway uses the bad version after the rollback: gw-" + i, i, bothOver);
    }
  }

  private void noBadAnswers(String what, int gateway, long afterNanos) {
    long answers = stack.answeredBy(gateway, "chat@3", afterNanos);
    run.check(what, answers == 0, answers + " answers");
  }

  private void reportsIsolatedGateway() throws IOException, InterruptedException {
    run.check(
        "the gateway that missed the rollback is reported",
        waitingMessages.stream().anyMatch(message -> message.contains("gw-" + ISOLATED))
            || isInAudit(),
        waitingMessages);
    run.figure(
        "messages during the rollback", waitingMessages.stream().limit(2).toList().toString());
  }

  /// A rollback that starts after the end of the lease does not wait for the gateway.
  private boolean isInAudit() throws IOException, InterruptedException {
    return control.ok("audit", "list", "-o", "json").contains("not heard: gw-" + ISOLATED);
  }

  private boolean inBadPhase() throws IOException, InterruptedException {
    return phase("chat-2").equals(releases.badPhase());
  }

  private boolean servesBadVersion() throws IOException, InterruptedException {
    return switch (releases.evidence()) {
      case REQUESTS -> stack.answeredBy(ISOLATED, "chat@3", 0) > 3;
      case COPIES -> copies() > copiesBefore + 3;
      case NONE -> true;
    };
  }

  private double copies() throws IOException, InterruptedException {
    return stack.metrics(ISOLATED).sums().getOrDefault("weir_shadow_requests_total", 0.0);
  }

  private void judge() throws Exception {
    stack.stopClients();
    List<Seen> all = stack.seen();
    List<Seen> failed = all.stream().filter(seen -> !seen.failure().isEmpty()).toList();
    run.figure("requests", all.size());
    if (releases.evidence() == Evidence.NONE) {
      run.figure("failed requests while no version serves", failed.size());
    } else {
      run.check("no client sees a failure", failed.isEmpty(), failed.stream().limit(3).toList());
    }
    Set<String> versions = new TreeSet<>();
    all.forEach(seen -> versions.add(seen.version()));
    versions.remove(""); // the header of a stream that waited for a replica has no version
    Set<String> expected =
        releases.evidence() == Evidence.REQUESTS
            ? Set.of("chat@1", "chat@2", "chat@3")
            : Set.of("chat@1", "chat@2");
    run.check(
        "number of versions that served clients: " + expected.size(),
        versions.equals(expected),
        versions);
    run.check("weights are those of the steps", releases.weights().containsAll(weights), weights);
    AuditCheck.verify(run, control);
  }

  /// Checks that the control plane counts each attempt of a gateway exactly once. Stops the clients
  /// first, so that nothing is in flight.
  private void countsAttempts() throws Exception {
    stack.stopClients();
    if (run.mutated(PartitionTrial.COUNTED_TWICE)) {
      run.say("planted: HTTP " + DuplicateTelemetry.send(control.control(), stack.gatewayKey()));
    }
    POLLING.require(
        "the control plane has counted all attempts of the gateways",
        () -> counted() >= attempts(gatewaySums()));
    Map<String, Double> sums = gatewaySums();
    run.figure("attempts", (long) attempts(sums));
    run.check(
        "each attempt is counted once",
        counted() == attempts(sums),
        "the control plane counted " + counted() + ", gateways made " + attempts(sums));
    double lost = sums.getOrDefault("weir_telemetry_lost_batches_total", 0.0);
    run.check("no telemetry batch is lost", lost == 0, lost);
  }

  /// The metrics of all gateways together.
  private Map<String, Double> gatewaySums() throws IOException, InterruptedException {
    Map<String, Double> sums = new TreeMap<>();
    for (int i = 0; i < GATEWAYS; i++) {
      stack.metrics(i).sums().forEach((name, value) -> sums.merge(name, value, Double::sum));
    }
    return sums;
  }

  private static double attempts(Map<String, Double> sums) {
    return sums.getOrDefault("weir_requests_total", 0.0)
        + sums.getOrDefault("weir_retries_total", 0.0)
        + sums.getOrDefault("weir_resumes_total", 0.0);
  }

  private double counted() throws IOException, InterruptedException {
    return MetricSamples.ofControl(control)
        .sums()
        .getOrDefault("weir_control_telemetry_attempts_total", -1.0);
  }

  /// The phase of a rollout, empty when there is none. Also records its weight and its message.
  private String phase(String rollout) throws IOException, InterruptedException {
    JsonNode status = control.api("/api/v1/namespaces/default/rollouts/" + rollout).path("status");
    if (!status.isObject()) {
      return ""; // the status of a problem is a number
    }
    weights.add(status.path("weight").asDouble(0));
    String phase = status.path("phase").asString("");
    String message = status.path("message").asString("");
    if (phase.equals("RollingBack") && message.contains("gw-")) {
      waitingMessages.add(message);
    }
    return phase;
  }

  private String end(String rollout) throws IOException, InterruptedException {
    POLLING.require(rollout + " ends", () -> ENDS.contains(phase(rollout)));
    return phase(rollout);
  }

  private void converges(String when) throws IOException, InterruptedException {
    long start = System.nanoTime();
    JsonNode gateways =
        POLLING.read(
            () -> control.api("/api/v1/gateways").path("items"), PartitionRound::converged);
    run.check("all gateways serve one snapshot " + when, converged(gateways), gateways);
    run.figure("seconds to converge " + when, (System.nanoTime() - start) / 1_000_000_000L);
  }

  private static boolean converged(JsonNode gateways) {
    return gateways.size() == GATEWAYS
        && StreamSupport.stream(gateways.spliterator(), false)
            .allMatch(PartitionRound::servesPublished);
  }

  private static boolean servesPublished(JsonNode gateway) {
    return gateway.path("connected").asBoolean(false)
        && gateway.path("sequence").asLong(-1) == gateway.path("published").asLong(-2)
        && gateway.path("hashStatus").asString("").equals("right");
  }

  private static void parkUntil(long nanos) {
    while (System.nanoTime() < nanos) {
      LockSupport.parkNanos(nanos - System.nanoTime());
    }
  }
}
