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
import java.util.List;
import java.util.Map;

/// A version that fails every fifth request is mirrored to and sent away before a client has met
/// it, and a good one is promoted by its copies, on real processes.
public final class ShadowTrial implements Trial {
  private static final String ANSWERS = "answers";
  private static final int CLIENTS = 6;
  private static final Duration BETWEEN = Duration.ofMillis(400);
  private static final int PROMOTED = 0;
  private static final int REVERTED = 3;

  @Override
  public String name() {
    return "shadow";
  }

  @Override
  public String about() {
    return "copies revert a bad version that no client met and promote a good one"
        + " (--full: by the default margins)";
  }

  @Override
  public List<String> mutations() {
    return List.of(ANSWERS);
  }

  @Override
  public void run(TrialRun run) throws Exception {
    try (WeirProcess weir = WeirProcess.up()) {
      weir.apply(VERSIONS);
      weir.apply(service(run, 1));
      try (Clients clients = new Clients(weir, weir.inferenceKey(), "dusk", CLIENTS, 12, BETWEEN)) {
        release(run, weir, 3, REVERTED);
        run.check(
            "no client met the bad version",
            clients.answeredBy("dusk@3") == 0,
            clients.answeredBy("dusk@3"));
        checkReports(run, weir);
        release(run, weir, 2, PROMOTED);
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
    Path file = Files.createTempFile(weir.folder(), "release", ".yaml");
    weir.ok("apply", "-f", Files.writeString(file, service(run, version)).toString());
    String patience = run.full() ? "900s" : "100s";
    WeirProcess.Ran ran = weir.run("rollout", "status", "dusk", "--wait", "--timeout", patience);
    run.check(
        "dusk@%d is %s".formatted(version, expected == PROMOTED ? "promoted" : "reverted"),
        ran.status() == expected,
        ran);
    run.figure("secondsToDecide" + version, (System.nanoTime() - start) / 1_000_000_000);
  }

  private static void checkReports(TrialRun run, WeirProcess weir)
      throws IOException, InterruptedException {
    String explained = weir.ok("rollout", "explain", "dusk").replaceAll("\\s+", " ");
    run.check(
        "the evidence says how many requests were mirrored, and how far the answers agree",
        explained.matches(".*\\d+ mirrored requests; answers agree \\S+ on average.*"),
        explained);
  }

  /// What is shown of clients is of clients.
  private static void counted(TrialRun run, WeirProcess weir, long answered)
      throws IOException, InterruptedException {
    String metrics = weir.get(weir.gateway() + "/metrics", Map.of()).body();
    long requests = MetricSamples.sum(metrics, "weir_requests_total{");
    long copies = MetricSamples.sum(metrics, "weir_shadow_requests_total{result=\"answered\"}");
    run.check("requests are counted without copies", requests == answered, metrics);
    run.check("copies are counted", copies > 0, metrics);
    run.figure("clientRequests", requests);
    run.figure("copiesAnswered", copies);
    run.figure(
        "copiesFailed",
        MetricSamples.sum(metrics, "weir_shadow_requests_total{result=\"failed\"}"));
  }

  private static final String VERSIONS =
      """
      apiVersion: weir.dev/v1
      kind: Model
      metadata: {name: dusk}
      spec: {owner: trials}
      """
          + version(1, "0")
          + version(2, "0")
          + version(3, "0.2");

  private static String version(int number, String errorRate) {
    // Warm: a canary of cold processes on a busy machine really is slower.
    return """
    ---
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: dusk-%d}
    spec:
      model: dusk
      version: "%d"
      engine:
        type: sim
        args: ["--profile", "llama-3.1-8b-h100", "--latency-spread", "0.02", "--warm-up", "50",
               "--error-rate", "%s"]
    """
        .formatted(number, number, errorRate);
  }

  private static String service(TrialRun run, int version) {
    String wide =
        "metrics: {error: {margin: 10%}, truncated: {margin: 10%}, empty: {margin: 10%},"
            + " refusal: {margin: 10%},"
            // Five processes on two cores: latencies are not what this is about.
            + " ttft: {action: warn, gating: false}, itl: {action: warn, gating: false}}";
    String shadow = "strategy: shadow, shadow: {sample: 100%, promote: true}";
    return """
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: dusk}
    spec:
      version: dusk@%d
      placements: [{target: local, replicas: 1}]
      release:
        {%s, bake: {duration: 0s},
         analysis: {minStepDuration: 5s, maxStepDuration: 20m, dispersion: 1, %s}}
    """
        .formatted(
            version,
            run.mutated(ANSWERS) ? "steps: [{weight: 50}]" : shadow,
            run.full() ? "metrics: {}" : wide);
  }
}
