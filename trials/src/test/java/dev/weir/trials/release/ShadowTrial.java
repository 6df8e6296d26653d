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
import java.util.List;

/// Copies of requests decide releases. A version that fails every fifth request is rolled back
/// before it serves a client, and a good version is promoted.
public final class ShadowTrial implements Trial {
  private static final String ANSWERS = "answers";
  private static final int CLIENTS = 6;
  private static final Duration BETWEEN = Duration.ofMillis(400);

  @Override
  public String name() {
    return "shadow";
  }

  @Override
  public String about() {
    return "copies of requests roll back a bad version before it serves a client and promote a good"
        + " one (--full: default margins)";
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
        ReleaseCheck releases =
            new ReleaseCheck(run, weir, "dusk", Duration.ofSeconds(run.full() ? 900 : 100));
        releases.rollsBack(3, service(run, 3));
        run.check(
            "the bad version serves no client",
            clients.answeredBy("dusk@3") == 0,
            clients.answeredBy("dusk@3"));
        checkReports(run, weir);
        releases.promotes(2, service(run, 2));
        clients.stop();
        run.check("no client sees a failure", clients.failed() == 0, clients.failures());
        counted(run, weir, clients.answered());
      }
      AuditCheck.verify(run, weir);
    }
  }

  private static void checkReports(TrialRun run, WeirProcess weir)
      throws IOException, InterruptedException {
    String explained =
        weir.ok("rollout", "explain", "dusk", "--statistics").replaceAll("\\s+", " ");
    run.check(
        "the evidence reports the mirrored requests and how far the answers agree",
        explained.matches(".*\\d+ mirrored requests; answers agree \\S+ on average.*"),
        explained);
  }

  /// Metrics count the requests of clients apart from the mirrored ones.
  private static void counted(TrialRun run, WeirProcess weir, long answered)
      throws IOException, InterruptedException {
    MetricSamples metrics = MetricSamples.ofGateway(weir);
    long requests = metrics.sum("weir_requests_total{");
    long copies = metrics.sum("weir_shadow_requests_total{result=\"answered\"}");
    run.check("the request count does not include copies", requests == answered, metrics.text());
    run.check("copies are counted", copies > 0, metrics.text());
    run.figure("clientRequests", requests);
    run.figure("copiesAnswered", copies);
    run.figure("copiesFailed", metrics.sum("weir_shadow_requests_total{result=\"failed\"}"));
  }

  private static final String VERSIONS =
      TrialManifests.model("dusk")
          + WarmVersion.manifest("dusk", 1, "0")
          + WarmVersion.manifest("dusk", 2, "0")
          + WarmVersion.manifest("dusk", 3, "0.2");

  private static String service(TrialRun run, int version) {
    String wide =
        "metrics: {error: {margin: 10%}, truncated: {margin: 10%}, empty: {margin: 10%},"
            + " refusal: {margin: 10%},"
            // Five processes share two cores: latencies only warn.
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
