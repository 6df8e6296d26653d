// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.release;

import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.AuditCheck;
import dev.weir.trials.setup.Clients;
import dev.weir.trials.setup.MetricSamples;
import dev.weir.trials.setup.Polling;
import dev.weir.trials.setup.ReleaseCheck;
import dev.weir.trials.setup.TrialManifests;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// One client sends a request every five seconds. The gateway generates the traffic that decides
/// each release within minutes, and the client sees no failure. Probes decide on the bad version,
/// recorded requests on the good one.
public final class ThinTrial implements Trial {
  private static final String ASKS_NOTHING = "asks-nothing";
  private static final Duration BETWEEN = Duration.ofSeconds(5);
  private static final int RATE = 10;
  private static final int RECORDED = 500;
  private static final Polling RECORDING = new Polling(Duration.ofHours(1), Duration.ofMillis(100));

  @Override
  public String name() {
    return "thin";
  }

  @Override
  public String about() {
    return "0.2 requests a second: probes roll back a bad version, recorded requests promote a good"
        + " one (--full: default margins)";
  }

  @Override
  public List<String> mutations() {
    return List.of(ASKS_NOTHING);
  }

  @Override
  public void run(TrialRun run) throws Exception {
    try (WeirProcess weir = WeirProcess.start(launch())) {
      weir.apply(VERSIONS);
      weir.apply(service(run, 1, "probes"));
      String key = weir.inferenceKey();
      long before = busyDay(run, weir, key);
      try (Clients clients = new Clients(weir, key, "thin", 1, 12, BETWEEN)) {
        ReleaseCheck releases =
            new ReleaseCheck(run, weir, "thin", Duration.ofSeconds(run.full() ? 1500 : 100));
        releases.rollsBack(3, service(run, 3, "probes"));
        checkReports(run, weir, "probes");
        if (run.full()) {
          releases.promotes(4, service(run, 4, "probes"));
          checkReports(run, weir, "probes");
        }
        releases.promotes(2, service(run, 2, "recorded"));
        checkReports(run, weir, "recorded requests");
        kept(run, weir);
        clients.stop();
        run.check("the client sees no failure", clients.failed() == 0, clients.failures());
        counted(run, weir, before + clients.answered());
      }
      AuditCheck.verify(run, weir);
    }
  }

  private static void checkReports(TrialRun run, WeirProcess weir, String what)
      throws IOException, InterruptedException {
    String explained = weir.ok("rollout", "explain", "thin", "--statistics");
    run.check(
        "the evidence reports its share of " + what,
        explained
            .replaceAll("\\s+", " ")
            .matches(".*\\d+ of \\d+ canary samples are " + what + ".*"),
        explained);
  }

  /// Sends the requests that are recorded. A release replays each at most once.
  ///
  /// @return the number of answers
  private static long busyDay(TrialRun run, WeirProcess weir, String key)
      throws IOException, InterruptedException {
    try (Clients crowd = new Clients(weir, key, "thin", 4, 12, Duration.ofMillis(1))) {
      var _ = RECORDING.holds(() -> crowd.answered() >= RECORDED || crowd.failed() > 0);
      crowd.stop();
      run.check("clients are served", crowd.failed() == 0, crowd.failures());
      return crowd.answered();
    }
  }

  private static WeirProcess.Launch launch() throws IOException {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    return WeirProcess.Launch.up(Files.createTempDirectory("weir-thin"))
        .environment(Map.of("RECORDING_KEY", Base64.getEncoder().encodeToString(key)));
  }

  /// Requests are recorded in one encrypted file.
  private static void kept(TrialRun run, WeirProcess weir) throws IOException {
    try (Stream<Path> files = Files.walk(weir.folder())) {
      List<Path> rings = files.filter(file -> file.toString().endsWith(".ring")).toList();
      run.check("there is one file of recordings", rings.size() == 1, rings);
      for (Path ring : rings) {
        String text = Files.readString(ring, StandardCharsets.ISO_8859_1);
        run.check("the file is not empty", !text.isEmpty(), ring);
        run.check("the file has no plain text of a request", !text.contains("Once upon"), ring);
      }
    }
  }

  /// Metrics count the requests of clients apart from the generated ones.
  private static void counted(TrialRun run, WeirProcess weir, long answered)
      throws IOException, InterruptedException {
    MetricSamples metrics = MetricSamples.ofGateway(weir);
    long requests = metrics.sum("weir_requests_total{");
    long generated = metrics.sum("weir_generated_requests_total{");
    run.check("the request count does not include probes", requests == answered, metrics.text());
    run.check("generated requests are counted", generated > 200, metrics.text());
    run.figure("clientRequests", requests);
    run.figure("generated", generated);
  }

  private static final String VERSIONS =
      TrialManifests.model("thin")
          + WarmVersion.manifest("thin", 1, "0")
          + WarmVersion.manifest("thin", 2, "0")
          + WarmVersion.manifest("thin", 3, "0.2")
          + WarmVersion.manifest("thin", 4, "0");

  private static String service(TrialRun run, int version, String source) {
    boolean strict = run.full() && source.equals("probes");
    String wide =
        "metrics: {error: {margin: 10%}, truncated: {margin: 10%}, empty: {margin: 10%},"
            + " refusal: {margin: 10%},"
            // Five processes share two cores: latencies only warn.
            + " ttft: {action: warn, gating: false}, itl: {action: warn, gating: false}}";
    return """
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: thin}
    spec:
      version: thin@%d
      placements: [{target: local, replicas: 1}]
      release:
        steps: %s
        bake: {duration: 0s}
        %s
        analysis: {minStepDuration: 5s, maxStepDuration: 20m, dispersion: 1, %s}
      traffic:
        recording: {sample: 100%%, keep: 1000, maxAge: 1d, key: "env:RECORDING_KEY"}
    """
        .formatted(
            version,
            strict ? "[{weight: 1}, {weight: 50}]" : "[{weight: 1}]",
            run.mutated(ASKS_NOTHING)
                ? ""
                : "traffic: {source: %s, rate: %d, maxTokens: 16}".formatted(source, RATE),
            strict ? "metrics: {}" : wide);
  }
}
