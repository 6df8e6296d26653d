// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.engine;

import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.AuditCheck;
import dev.weir.trials.setup.Clients;
import dev.weir.trials.setup.FleetView;
import dev.weir.trials.setup.OpenStream;
import dev.weir.trials.setup.Polling;
import dev.weir.trials.setup.ReleaseCheck;
import dev.weir.trials.setup.TrialManifests;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A real engine, llama.cpp with a small real model, behind Weir. Its answers pass unchanged, a
/// stream that is cut anywhere continues as the engine would, and a release between two samplings
/// is decided correctly. `--only cuts` runs [EngineCuts] alone.
public final class EngineTrial implements Trial {
  private static final String MODEL = "models/stories260K/stories260K.gguf";
  private static final String DROP_AT_SEAM = "drop-at-seam";
  private static final String CUTS = "cuts";
  private static final Duration READY = Duration.ofSeconds(60);
  private static final int LONG = 200;

  private static final Polling CANCELLING =
      new Polling(Duration.ofSeconds(10), Duration.ofMillis(50));
  private static final Polling REPORTING =
      new Polling(Duration.ofMinutes(1), Duration.ofMillis(250));

  @Override
  public String name() {
    return "engine";
  }

  @Override
  public String about() {
    return "llama.cpp with a real model: unchanged answers, streams cut at every event, a canary of"
        + " another sampling";
  }

  @Override
  public List<String> mutations() {
    return List.of(DROP_AT_SEAM);
  }

  @Override
  public void run(TrialRun run) throws Exception {
    Optional<Path> model = run.data(MODEL);
    if (model.isEmpty()) {
      return;
    }
    Path folder = Files.createTempDirectory("weir-engine");
    try {
      LlamaProcess llama = new LlamaProcess(folder, model.get());
      try (LlamaProcess.Running reference = llama.start(List.of())) {
        run(run, llama, reference);
      }
    } catch (LlamaProcess.CannotRunException e) {
      run.skip("llama.cpp does not run here: " + e.getMessage());
    }
  }

  private void run(TrialRun run, LlamaProcess llama, LlamaProcess.Running reference)
      throws Exception {
    List<String> bug = run.mutated(DROP_AT_SEAM) ? List.of("--bug", DROP_AT_SEAM) : List.of();
    try (WeirProcess weir = WeirProcess.up()) {
      weir.apply(target(llama));
      weir.apply(version(1, llama, bug, "--pace-millis", "8"));
      weir.apply(service(1));
      String key = weir.inferenceKey();
      if (!run.only().equals(Optional.of(CUTS))) {
        whole(run, weir, key, llama, reference, bug);
      }
      new EngineCuts(run, weir, key, reference).play(llama, bug);
      AuditCheck.verify(run, weir);
    }
  }

  private static void whole(
      TrialRun run,
      WeirProcess weir,
      String key,
      LlamaProcess llama,
      LlamaProcess.Running reference,
      List<String> bug)
      throws Exception {
    for (CompletionApi family : CompletionApi.values()) {
      same(run, weir, key, reference, family);
    }
    cancelled(run, weir, key);
    checkReports(run, weir);
    int kills = run.full() ? 3 : 1;
    for (int i = 0; i < kills; i++) {
      for (CompletionApi family : CompletionApi.values()) {
        killed(run, weir, key, reference, family, 10 + (int) ((run.seed() + 7L * i) % 30));
      }
    }
    if (bug.isEmpty()) {
      releases(run, weir, key, llama);
    }
  }

  private static Map<String, String> with(String key) {
    return WeirProcess.bearer(key);
  }

  // The engine's own answers

  private static void same(
      TrialRun run,
      WeirProcess weir,
      String key,
      LlamaProcess.Running reference,
      CompletionApi family)
      throws IOException, InterruptedException {
    String whole = family.question(false, 40);
    JsonNode ours = json(weir.post(weir.gateway() + family.path(), whole, with(key)).body());
    JsonNode theirs = json(weir.post(reference.url() + family.path(), whole, Map.of()).body());
    run.check(
        family + ": an answer equals the engine's own",
        !family.text(theirs).isEmpty() && family.text(ours).equals(family.text(theirs)),
        ours);
    run.check(
        family + ": usage is the engine's own",
        ours.path("usage").equals(theirs.path("usage")),
        ours);
    run.check(
        family + ": the finish reason is the engine's own",
        finish(ours).equals(finish(theirs)),
        ours);
    String streamed = family.question(true, 40);
    try (OpenStream mine = new OpenStream(weir.gateway() + family.path(), streamed, with(key));
        OpenStream own = new OpenStream(reference.url() + family.path(), streamed, Map.of())) {
      mine.readAll();
      own.readAll();
      run.check(
          family + ": a stream equals the engine's own",
          mine.text().equals(own.text()) && mine.pieces() == own.pieces() && mine.done(),
          mine.text());
      run.check(
          family + ": a stream's usage is the engine's own",
          mine.usage().equals(own.usage()) && mine.finish().equals(own.finish()),
          mine.usage());
    }
  }

  private static String finish(JsonNode answer) {
    return answer.path("choices").path(0).path("finish_reason").asString("");
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }

  // A client disconnects

  private static void cancelled(TrialRun run, WeirProcess weir, String key)
      throws IOException, InterruptedException {
    FleetView replicas = FleetView.of(weir);
    int before = cancellations(weir, replicas);
    try (OpenStream stream =
        new OpenStream(
            weir.gateway() + CompletionApi.CHAT.path(),
            CompletionApi.CHAT.question(true, LONG),
            with(key))) {
      stream.read(3);
    }
    int now =
        CANCELLING.read(() -> cancellations(weir, replicas), cancelled -> cancelled != before);
    run.check("the engine aborts when the client disconnects", now == before + 1, now - before);
  }

  private static int cancellations(WeirProcess weir, FleetView replicas)
      throws IOException, InterruptedException {
    int sum = 0;
    for (FleetView.One replica : replicas.all()) {
      sum += state(weir, replica).path("cancelled").asInt();
    }
    return sum;
  }

  private static JsonNode state(WeirProcess weir, FleetView.One replica)
      throws IOException, InterruptedException {
    return json(weir.get(replica.endpoint() + "/test", Map.of()).body());
  }

  // Metrics of the engine

  private static void checkReports(TrialRun run, WeirProcess weir)
      throws IOException, InterruptedException {
    JsonNode engine = REPORTING.read(() -> engine(weir), state -> state.has("seenAt"));
    run.check(
        "the metrics of llama.cpp are read",
        engine.path("version").asString("").equals("b9000-trial")
            && engine.path("running").asInt(-1) >= 0
            && engine.path("waiting").asInt(-1) == 0
            && !engine.path("asleep").asBoolean(true)
            && engine.path("missing").isEmpty(),
        engine);
  }

  private static JsonNode engine(WeirProcess weir) throws IOException, InterruptedException {
    return weir.json("get", "replicas").path("items").path(0).path("engine");
  }

  // kill -9 in the middle of a stream

  private static void killed(
      TrialRun run,
      WeirProcess weir,
      String key,
      LlamaProcess.Running reference,
      CompletionApi family,
      int afterPieces)
      throws IOException, InterruptedException {
    FleetView replicas = FleetView.await(weir, READY, now -> now.ready("story@1").size() == 2);
    try (OpenStream stream =
        new OpenStream(weir.gateway() + family.path(), family.question(true, LONG), with(key))) {
      stream.read(afterPieces);
      FleetView.One victim = replicas.named(stream.replica());
      ProcessHandle.of(victim.pid()).orElseThrow().destroyForcibly();
      stream.readAll();
      String what = family + ": kill -9 after " + afterPieces + " pieces: ";
      run.check(
          what + "the client's stream is complete",
          stream.done() && stream.error().isEmpty() && !stream.finish().isEmpty(),
          stream.text() + stream.error());
      FleetView.One survivor =
          replicas.all().stream().filter(r -> !r.name().equals(victim.name())).findFirst().get();
      Optional<JsonNode> request = lastContinuation(weir, survivor, family);
      run.check(what + "another replica resumes the stream", request.isPresent(), survivor);
      if (request.isPresent()) {
        seamless(run, what, weir, reference, family, stream, request.get());
      }
    }
  }

  private static Optional<JsonNode> lastContinuation(
      WeirProcess weir, FleetView.One replica, CompletionApi family)
      throws IOException, InterruptedException {
    Optional<JsonNode> last = Optional.empty();
    for (JsonNode body : state(weir, replica).path("requests")) {
      JsonNode request = json(body.asString());
      if (!family.sentBefore(request).isEmpty()) {
        last = Optional.of(request);
      }
    }
    return last;
  }

  /// The text is the part that was already sent, then what the engine itself generates after that
  /// part.
  private static void seamless(
      TrialRun run,
      String what,
      WeirProcess weir,
      LlamaProcess.Running reference,
      CompletionApi family,
      OpenStream stream,
      JsonNode request)
      throws IOException, InterruptedException {
    try (OpenStream own =
        new OpenStream(reference.url() + family.path(), request.toString(), Map.of())) {
      own.readAll();
      String expected = family.sentBefore(request) + own.text();
      run.check(
          what + "the text equals the engine's own continuation",
          stream.text().equals(expected),
          "\n  seen     " + stream.text() + "\n  expected " + expected);
    }
    JsonNode usage = stream.usage();
    run.check(
        what + "usage counts the whole answer once",
        usage.path("completion_tokens").asInt() == stream.pieces()
            && usage.path("prompt_tokens").asInt() == promptTokens(weir, reference, family),
        usage + " for " + stream.pieces() + " pieces");
  }

  private static int promptTokens(
      WeirProcess weir, LlamaProcess.Running reference, CompletionApi family)
      throws IOException, InterruptedException {
    JsonNode answer =
        json(
            weir.post(reference.url() + family.path(), family.question(false, 1), Map.of()).body());
    return answer.path("usage").path("prompt_tokens").asInt();
  }

  // Releases

  private static void releases(TrialRun run, WeirProcess weir, String key, LlamaProcess llama)
      throws Exception {
    // Version 2 has the same pace and another sampling. Version 3 generates more than five times as
    // slowly.
    weir.apply(version(2, llama, List.of(), "--pace-millis", "8", "--temperature", "0.8"));
    weir.apply(version(3, llama, List.of(), "--pace-millis", "60", "--temperature", "0.8"));
    try (Clients clients = new Clients(weir, key, "story", 6, 16, Duration.ofMillis(20))) {
      ReleaseCheck releases = new ReleaseCheck(run, weir, "story", Duration.ofSeconds(330));
      releases.promotes(2, service(2));
      releases.rollsBack(3, service(3));
      clients.stop();
      run.figure("answers", clients.answered());
      run.check("no client sees a failure", clients.failed() == 0, clients.failures());
      run.check(
          "the version with the new sampling serves",
          clients.answeredBy("story@2") > 0,
          clients.answered());
    }
  }

  // TrialManifests

  private static String target(LlamaProcess llama) {
    return """
    apiVersion: weir.dev/v1
    kind: Target
    metadata: {name: llama}
    spec: {provider: process, allowedCommands: ["%s"]}
    """
            .formatted(llama.program())
        + TrialManifests.model("story");
  }

  private static String version(int number, LlamaProcess llama, List<String> bug, String... more) {
    List<String> command = new java.util.ArrayList<>(llama.command("{port}"));
    command.addAll(bug);
    command.addAll(List.of(more));
    return """
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: story-%d}
    spec:
      model: story
      version: "%d"
      engine: {type: llamacpp, command: %s}
      startupTimeout: 2m
    """
        .formatted(number, number, JsonMapper.shared().writeValueAsString(command));
  }

  /// Five engines share two cores, so latencies are noisy and the margins are wide.
  private static String service(int version) {
    return """
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: story}
    spec:
      version: story@%d
      placements: [{target: llama, replicas: 2}]
      release:
        strategy: canary
        steps: [{weight: 50}]
        bake: {duration: 0s}
        analysis:
          minStepDuration: 10s
          maxStepDuration: 5m
          onInconclusive: pause
          dispersion: 1
          metrics: {ttft: {tolerance: 100%%, margin: 300%%}, itl: {tolerance: 100%%, margin: 200%%}}
      traffic:
        timeouts: {connect: 1s, firstToken: 10s, stall: 5s, total: 60s}
        retries: {budget: 50%%, maxAttempts: 3}
    """
        .formatted(version);
  }
}
