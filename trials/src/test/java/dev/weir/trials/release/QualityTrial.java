// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.release;

import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.AuditCheck;
import dev.weir.trials.setup.Clients;
import dev.weir.trials.setup.MetricSamples;
import dev.weir.trials.setup.ReleaseCheck;
import dev.weir.trials.setup.TrialManifests;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// A judge Service grades answers. A version that is as fast and complete as its predecessor but
/// has poorer answers is rolled back. A version with equal answers is promoted. A version whose
/// judge has no replicas is neither.
public final class QualityTrial implements Trial {
  private static final String KIND_JUDGE = "kind-judge";
  private static final int CLIENTS = 6;
  private static final Duration BETWEEN = Duration.ofMillis(250);

  @Override
  public String name() {
    return "quality";
  }

  @Override
  public String about() {
    return "grades roll back a version with poor answers and promote one with good answers (--full:"
        + " default margins, and a judge without replicas)";
  }

  @Override
  public List<String> mutations() {
    return List.of(KIND_JUDGE);
  }

  @Override
  public void run(TrialRun run) throws Exception {
    try (WeirProcess weir = WeirProcess.up()) {
      // The deliberate bug: a judge that gives every answer the same grade.
      weir.apply(run.mutated(KIND_JUDGE) ? judge() : judge("--judge"));
      weir.apply(VERSIONS);
      weir.apply(service(run, 1));
      try (Clients clients = new Clients(weir, weir.inferenceKey(), "tale", CLIENTS, 12, BETWEEN)) {
        ReleaseCheck releases =
            new ReleaseCheck(run, weir, "tale", Duration.ofSeconds(run.full() ? 900 : 120));
        releases.rollsBack(3, service(run, 3));
        decidedByQuality(run, weir, 3, "poor answers cause the rollback");
        releases.promotes(2, service(run, 2));
        decidedByQuality(run, weir, 2, "grades contribute to the promotion");
        if (run.full()) {
          withoutJudge(run, weir);
        }
        clients.stop();
        run.check("no client sees a failure", clients.failed() == 0, clients.failures());
        counted(run, weir, clients.answered());
      }
      AuditCheck.verify(run, weir);
    }
  }

  private static void decidedByQuality(TrialRun run, WeirProcess weir, int version, String what)
      throws IOException, InterruptedException {
    List<String> deciding = new ArrayList<>();
    for (JsonNode rollout : weir.json("get", "rollouts").path("items")) {
      if (rollout.at("/spec/to").asString("").equals("tale@" + version)) {
        rollout.at("/status/decidedBy").forEach(metric -> deciding.add(metric.asString()));
      }
    }
    run.check(what, deciding.contains("quality"), deciding);
  }

  /// A judge without replicas decides neither way.
  private static void withoutJudge(TrialRun run, WeirProcess weir)
      throws IOException, InterruptedException {
    weir.apply(judges(0));
    weir.submit(service(run, 4));
    WeirProcess.Ran ran = weir.awaitRollout("tale", Duration.ofSeconds(150));
    run.check(
        "without a judge the version is neither promoted nor rolled back",
        ran.status() != ReleaseCheck.PROMOTED && ran.status() != ReleaseCheck.ROLLED_BACK,
        ran);
    weir.ok("rollout", "abort", "tale", "--reason", "trial");
  }

  /// Metrics count the requests of clients apart from those of the judge.
  private static void counted(TrialRun run, WeirProcess weir, long answered)
      throws IOException, InterruptedException {
    MetricSamples metrics = MetricSamples.ofGateway(weir);
    run.check(
        "the request count does not include requests of the judge",
        metrics.sum("weir_requests_total{") == answered,
        metrics.text());
    long graded = metrics.sum("weir_graded_answers_total{result=\"graded\"}");
    run.check("grades are counted", graded > 0, metrics.text());
    run.figure("clientRequests", answered);
    run.figure("graded", graded);
  }

  private static final String VERSIONS =
      TrialManifests.model("tale")
          + version(1, "0")
          + version(2, "0")
          + version(3, "0.5")
          + version(4, "0");

  private static String version(int number, String poorRate) {
    return TrialManifests.version(
        "tale",
        number,
        TrialManifests.simulator("--latency-spread", "0.02", "--poor-rate", poorRate));
  }

  private static String judge(String... mode) {
    return TrialManifests.model("umpire")
        + TrialManifests.version("umpire", 1, TrialManifests.simulator(mode))
        + judges(1);
  }

  private static String judges(int replicas) {
    return """
    ---
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: umpire}
    spec: {version: umpire@1, placements: [{target: local, replicas: %d}]}
    """
        .formatted(replicas);
  }

  private static String service(TrialRun run, int version) {
    String quality = run.full() ? "" : "quality: {tolerance: 5%, margin: 20%}, ";
    String others =
        "error: {margin: 10%}, truncated: {margin: 10%}, empty: {margin: 10%},"
            + " refusal: {margin: 10%},"
            // Five processes share two cores: latencies and lengths only warn.
            + " ttft: {action: warn, gating: false}, itl: {action: warn, gating: false},"
            + " length_up: {action: warn}, length_down: {action: warn}";
    return """
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: tale}
    spec:
      version: tale@%d
      placements: [{target: local, replicas: 1}]
      release:
        steps: [{weight: 50}]
        bake: {duration: 0s}
        analysis:
          minStepDuration: 5s
          maxStepDuration: 15m
          dispersion: 1
          grading: {judge: umpire, sample: 100%%, within: 5s}
          metrics: {%s%s}
    """
        .formatted(version, quality, others);
  }
}
