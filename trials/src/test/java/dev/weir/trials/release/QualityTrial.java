// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.release;

import dev.weir.trials.run.Clients;
import dev.weir.trials.run.MetricSamples;
import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.run.WeirProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A version that answers as quickly and as wholly as the one before, but poorly, is reverted by
/// the grades of a judge that is a Service like any other; a good one is promoted by them; and one
/// whose judge has gone is neither.
public final class QualityTrial implements Trial {
  private static final String KIND_JUDGE = "kind-judge";
  private static final int CLIENTS = 6;
  private static final Duration BETWEEN = Duration.ofMillis(250);
  private static final int PROMOTED = 0;
  private static final int REVERTED = 3;

  @Override
  public String name() {
    return "quality";
  }

  @Override
  public String about() {
    return "grades revert a version with poor answers and promote a good one (--full: by the"
        + " default margins, and a judge that goes away)";
  }

  @Override
  public List<String> mutations() {
    return List.of(KIND_JUDGE);
  }

  @Override
  public void run(TrialRun run) throws Exception {
    try (WeirProcess weir = WeirProcess.up()) {
      // The deliberate bug: a judge that finds everything alike.
      weir.apply(judge(run.mutated(KIND_JUDGE) ? "" : "--judge"));
      weir.apply(VERSIONS);
      weir.apply(service(run, 1));
      try (Clients clients = new Clients(weir, weir.inferenceKey(), "tale", CLIENTS, 12, BETWEEN)) {
        release(run, weir, 3, REVERTED);
        decidedByQuality(run, weir, 3, "poor answers are what reverted it");
        release(run, weir, 2, PROMOTED);
        decidedByQuality(run, weir, 2, "grades are part of what promoted it");
        if (run.full()) {
          withoutJudge(run, weir);
        }
        clients.stop();
        run.check("the clients noticed nothing", clients.failed() == 0, clients.failures());
        counted(run, weir, clients.answered());
      }
      run.check("the audit chain is whole", weir.run("audit", "verify").status() == 0, "broken");
    }
  }

  private static void release(TrialRun run, WeirProcess weir, int version, int expected)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    apply(run, weir, version);
    String patience = run.full() ? "900s" : "120s";
    WeirProcess.Ran ran = weir.run("rollout", "status", "tale", "--wait", "--timeout", patience);
    run.check(
        "tale@%d is %s".formatted(version, expected == PROMOTED ? "promoted" : "reverted"),
        ran.status() == expected,
        ran);
    run.figure("secondsToDecide" + version, (System.nanoTime() - start) / 1_000_000_000);
  }

  private static void apply(TrialRun run, WeirProcess weir, int version)
      throws IOException, InterruptedException {
    Path file = Files.createTempFile(weir.folder(), "release", ".yaml");
    weir.ok("apply", "-f", Files.writeString(file, service(run, version)).toString());
  }

  private static void decidedByQuality(TrialRun run, WeirProcess weir, int version, String what)
      throws IOException, InterruptedException {
    List<String> deciding = new ArrayList<>();
    for (JsonNode rollout :
        JsonMapper.shared().readTree(weir.ok("get", "rollouts", "-o", "json")).path("items")) {
      if (rollout.at("/spec/to").asString("").equals("tale@" + version)) {
        rollout.at("/status/decidedBy").forEach(metric -> deciding.add(metric.asString()));
      }
    }
    run.check(what, deciding.contains("quality"), deciding);
  }

  /// A judge that is down proves nothing either way.
  private static void withoutJudge(TrialRun run, WeirProcess weir)
      throws IOException, InterruptedException {
    weir.apply(judges(0));
    apply(run, weir, 4);
    WeirProcess.Ran ran = weir.run("rollout", "status", "tale", "--wait", "--timeout", "150s");
    run.check(
        "without a judge nothing is promoted, and nothing reverted",
        ran.status() != PROMOTED && ran.status() != REVERTED,
        ran);
    weir.ok("rollout", "abort", "tale", "--reason", "trial");
  }

  /// What is shown of clients is of clients, and so are the requests of the judge.
  private static void counted(TrialRun run, WeirProcess weir, long answered)
      throws IOException, InterruptedException {
    String metrics = weir.get(weir.gateway() + "/metrics", Map.of()).body();
    run.check(
        "requests are counted without gradings",
        MetricSamples.sum(metrics, "weir_requests_total{") == answered,
        metrics);
    long graded = MetricSamples.sum(metrics, "weir_graded_answers_total{result=\"graded\"}");
    run.check("grades are counted", graded > 0, metrics);
    run.figure("clientRequests", answered);
    run.figure("graded", graded);
  }

  private static final String VERSIONS =
      """
      apiVersion: weir.dev/v1
      kind: Model
      metadata: {name: tale}
      spec: {owner: trials}
      """
          + version(1, "0")
          + version(2, "0")
          + version(3, "0.5")
          + version(4, "0");

  private static String version(int number, String poorRate) {
    return """
    ---
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: tale-%d}
    spec:
      model: tale
      version: "%d"
      engine: {type: sim, args: ["--latency-spread", "0.02", "--poor-rate", "%s"]}
    """
        .formatted(number, number, poorRate);
  }

  private static String judge(String mode) {
    return """
    apiVersion: weir.dev/v1
    kind: Model
    metadata: {name: umpire}
    spec: {owner: trials}
    ---
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: umpire-1}
    spec: {model: umpire, version: "1", engine: {type: sim, args: [%s]}}
    ---
    """
            .formatted(mode.isEmpty() ? "" : "\"" + mode + "\"")
        + judges(1);
  }

  private static String judges(int replicas) {
    return """
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
            // Five processes on two cores: latencies and lengths are not what this is about.
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
