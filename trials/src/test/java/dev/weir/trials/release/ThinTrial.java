// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.release;

import dev.weir.trials.run.Clients;
import dev.weir.trials.run.MetricSamples;
import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.run.WeirProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// A service that one client asks every five seconds, on real processes: its releases are decided
/// by what the gateway asks itself, within minutes, and the client notices nothing. The bad version
/// is asked probes, the good one what the client was recorded to ask.
public final class ThinTrial implements Trial {
  private static final String ASKS_NOTHING = "asks-nothing";
  private static final Duration BETWEEN = Duration.ofSeconds(5);
  private static final int RATE = 10;
  private static final int RECORDED = 500;
  private static final int PROMOTED = 0;
  private static final int REVERTED = 3;

  @Override
  public String name() {
    return "thin";
  }

  @Override
  public String about() {
    return "0.2 requests a second: probes revert a bad version, recorded requests promote a good"
        + " one (--full: by the default margins)";
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
        release(run, weir, 3, "probes", REVERTED);
        checkReports(run, weir, "probes");
        if (run.full()) {
          release(run, weir, 4, "probes", PROMOTED);
          checkReports(run, weir, "probes");
        }
        release(run, weir, 2, "recorded", PROMOTED);
        checkReports(run, weir, "recorded requests");
        kept(run, weir);
        clients.stop();
        run.check("the client noticed nothing", clients.failed() == 0, clients.failures());
        counted(run, weir, before + clients.answered());
      }
      run.check("the audit chain is whole", weir.run("audit", "verify").status() == 0, "broken");
    }
  }

  private static void release(
      TrialRun run, WeirProcess weir, int version, String source, int expected)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    Path file = Files.createTempFile(weir.folder(), "release", ".yaml");
    weir.ok("apply", "-f", Files.writeString(file, service(run, version, source)).toString());
    String patience = run.full() ? "1500s" : "100s";
    WeirProcess.Ran ran = weir.run("rollout", "status", "thin", "--wait", "--timeout", patience);
    run.check(
        "thin@%d is %s".formatted(version, expected == PROMOTED ? "promoted" : "reverted"),
        ran.status() == expected,
        ran);
    run.figure("secondsToDecide" + version, (System.nanoTime() - start) / 1_000_000_000);
  }

  private static void checkReports(TrialRun run, WeirProcess weir, String what)
      throws IOException, InterruptedException {
    String explained = weir.ok("rollout", "explain", "thin");
    run.check(
        "the evidence says how much of it is " + what,
        explained
            .replaceAll("\\s+", " ")
            .matches(".*\\d+ of \\d+ canary samples are " + what + ".*"),
        explained);
  }

  /// Enough to be recorded, for each request is asked again once.
  ///
  /// @return how many were answered
  private static long busyDay(TrialRun run, WeirProcess weir, String key)
      throws InterruptedException {
    try (Clients crowd = new Clients(weir, key, "thin", 4, 12, Duration.ofMillis(1))) {
      while (crowd.answered() < RECORDED && crowd.failed() == 0) {
        LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
      }
      crowd.stop();
      run.check("clients are served", crowd.failed() == 0, crowd.failures());
      return crowd.answered();
    }
  }

  private static WeirProcess.Launch launch() throws IOException {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    return WeirProcess.Launch.of(
            Files.createTempDirectory("weir-thin"),
            "data",
            "up",
            "--gateway",
            "127.0.0.1:0",
            "--control",
            "127.0.0.1:0")
        .environment(Map.of("RECORDING_KEY", Base64.getEncoder().encodeToString(key)));
  }

  /// What the client asked is kept, and nobody can read it there.
  private static void kept(TrialRun run, WeirProcess weir) throws IOException {
    try (Stream<Path> files = Files.walk(weir.folder())) {
      List<Path> rings = files.filter(file -> file.toString().endsWith(".ring")).toList();
      run.check("there is one file of recordings", rings.size() == 1, rings);
      for (Path ring : rings) {
        String text = Files.readString(ring, StandardCharsets.ISO_8859_1);
        run.check("it holds something", !text.isEmpty(), ring);
        run.check("and no word that was asked", !text.contains("Once upon"), ring);
      }
    }
  }

  /// What is shown of clients is of clients.
  private static void counted(TrialRun run, WeirProcess weir, long answered)
      throws IOException, InterruptedException {
    String metrics = weir.get(weir.gateway() + "/metrics", Map.of()).body();
    long requests = MetricSamples.sum(metrics, "weir_requests_total{");
    long generated = MetricSamples.sum(metrics, "weir_generated_requests_total{");
    run.check("requests are counted without probes", requests == answered, metrics);
    run.check("what is generated is counted", generated > 200, metrics);
    run.figure("clientRequests", requests);
    run.figure("generated", generated);
  }

  private static final String VERSIONS =
      """
      apiVersion: weir.dev/v1
      kind: Model
      metadata: {name: thin}
      spec: {owner: trials}
      """
          + version(1, "0")
          + version(2, "0")
          + version(3, "0.2")
          + version(4, "0");

  private static String version(int number, String errorRate) {
    // Warm: a canary of cold processes on a busy machine really is slower.
    return """
    ---
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: thin-%d}
    spec:
      model: thin
      version: "%d"
      engine:
        type: sim
        args: ["--profile", "llama-3.1-8b-h100", "--latency-spread", "0.02", "--warm-up", "50",
               "--error-rate", "%s"]
    """
        .formatted(number, number, errorRate);
  }

  private static String service(TrialRun run, int version, String source) {
    boolean strict = run.full() && source.equals("probes");
    String wide =
        "metrics: {error: {margin: 10%}, truncated: {margin: 10%}, empty: {margin: 10%},"
            + " refusal: {margin: 10%},"
            // Five processes on two cores: latencies are not what this is about.
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
