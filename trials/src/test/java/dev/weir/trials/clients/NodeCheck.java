// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.clients;

import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.Polling;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// npm's `openai` through Weir, where Node.js is and the registry can be reached.
final class NodeCheck {
  private static final String PACKAGE = "openai@7.57.0";

  /// Node's timers may be so early.
  private static final Duration TIMERS_GRAIN = Duration.ofMillis(5);

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Polling LOGGED = new Polling(Duration.ofSeconds(20), Duration.ofMillis(50));

  private final TrialRun run;
  private final WeirProcess weir;
  private final String key;
  private final String engine;
  private final Path accessLog;

  /// @param weir one that serves a [ToolEngine] and writes the log
  NodeCheck(TrialRun run, WeirProcess weir, String key, String engine, Path accessLog) {
    this.run = run;
    this.weir = weir;
    this.key = key;
    this.engine = engine;
    this.accessLog = accessLog;
  }

  void check() throws IOException, InterruptedException {
    Path folder = Files.createDirectory(weir.folder().resolve("node"));
    Files.writeString(folder.resolve("package.json"), "{\"type\":\"module\"}");
    Optional<String> missing = install(folder);
    if (missing.isPresent()) {
      run.skip("npm's openai: " + missing.get());
      return;
    }
    try (InputStream script = NodeCheck.class.getResourceAsStream("client.mjs")) {
      Files.write(
          folder.resolve("client.mjs"), java.util.Objects.requireNonNull(script).readAllBytes());
    }
    long before = ClientsTrial.aborts(weir, engine);
    Ran ran = command(folder, List.of("node", "client.mjs"));
    run.check("npm's openai exits with 0", ran.status() == 0, ran.out());
    if (ran.status() == 0) {
      judge(JsonMapper.shared().readTree(ran.out().lines().toList().getLast()), before);
    }
  }

  private void judge(JsonNode seen, long before) throws IOException, InterruptedException {
    run.check("npm's openai lists the model", seen.get("models").toString().contains("chat"), seen);
    run.check("npm's openai gets an answer", !seen.get("answer").asString().isBlank(), seen);
    run.check(
        "its stream equals its answer",
        seen.get("streamed").asString().equals(seen.get("answer").asString()),
        seen);
    run.check("its stream reports its usage", seen.get("usage").asLong(0) > 0, seen);
    run.check("it gets 404 for an unknown model", seen.get("unknown").asInt(0) == 404, seen);
    run.check(
        "the engine aborts when it disconnects",
        ClientsTrial.awaitAborts(weir, engine, before) > before,
        seen);
    String wanted = ToolEngine.TOOL + "{\"river\":\"Isar\"}";
    run.check("a tool call reaches it", seen.get("tool").asString().equals(wanted), seen);
    run.check("a streamed tool call too", seen.get("streamedTool").asString().equals(wanted), seen);
    patience(seen.path("tries"));
  }

  /// By the gateway's own clock: from the refusal to the end of the answer.
  private void patience(JsonNode tries) throws IOException, InterruptedException {
    boolean refusedOnce =
        tries.size() == 2
            && tries.get(0).get("status").asInt() == 429
            && tries.get(1).get("status").asInt() == 200;
    run.check("it is refused once and then served", refusedOnce, tries);
    if (refusedOnce) {
      Duration waited =
          Duration.between(logged(tries.get(0)), logged(tries.get(1))).plus(TIMERS_GRAIN);
      long told = tries.get(0).get("retryAfter").asLong();
      run.check("the refusal has Retry-After", told >= 1 && told <= 60, tries);
      run.check(
          "it waits for Retry-After", waited.compareTo(Duration.ofSeconds(told)) >= 0, waited);
    }
  }

  private Instant logged(JsonNode attempt) throws IOException, InterruptedException {
    String id = attempt.get("id").asString();
    return LOGGED
        .read(() -> logged(id), Optional::isPresent)
        .orElseThrow(() -> new IOException("the access log has no request " + id));
  }

  private Optional<Instant> logged(String id) throws IOException {
    return Files.readString(accessLog)
        .lines()
        .filter(line -> line.endsWith("}"))
        .map(JsonMapper.shared()::readTree)
        .filter(line -> line.path("request_id").asString("").equals(id))
        .map(line -> Instant.parse(line.get("time").asString()))
        .findFirst();
  }

  private static Optional<String> install(Path folder) throws InterruptedException {
    try {
      Ran ran = start(folder, Map.of(), List.of("npm", "install", "--no-audit", PACKAGE));
      return ran.status() == 0
          ? Optional.empty()
          : Optional.of("npm could not install it: " + ran.out().strip());
    } catch (IOException e) {
      return Optional.of("this machine has no npm");
    }
  }

  private record Ran(int status, String out) {}

  private Ran command(Path folder, List<String> command) throws IOException, InterruptedException {
    String limited = weir.inferenceKey("limited-node", "--requests-per-minute", "30");
    return start(
        folder,
        Map.of(
            "WEIR_BASE",
            weir.gateway() + "/v1",
            "WEIR_TRIAL_KEY",
            key,
            "WEIR_TRIAL_LIMITED_KEY",
            limited,
            "WEIR_TRIAL_TOOL",
            ToolEngine.TOOL),
        command);
  }

  private static Ran start(Path folder, Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    Path out = folder.resolve("out");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly().waitFor();
      return new Ran(-1, "it took longer than " + PATIENCE);
    }
    return new Ran(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8));
  }
}
