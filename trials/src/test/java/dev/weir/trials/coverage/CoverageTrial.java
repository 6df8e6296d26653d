// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.coverage;

import dev.weir.gateway.listener.HeadTarget;
import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Jazzer (libFuzzer for Java) on the gateway's readers of heads, bodies and events: no exception,
/// and input in two pieces is read like input in one piece.
public final class CoverageTrial implements Trial {
  private static final String SPLITS = "reader-of-pieces";
  private static final int SAMPLE_SECONDS = 10;
  private static final int FULL_SECONDS = 300;
  private static final int START_SECONDS = 240;
  private static final Pattern RUNS = Pattern.compile("Done (\\d+) runs");
  private static final Pattern COVERED = Pattern.compile("cov: (\\d+) ft: (\\d+) corp: (\\d+)");

  @Override
  public String name() {
    return "coverage";
  }

  @Override
  public String about() {
    return "coverage-guided fuzzing of request heads, bodies and events, whole and in pieces";
  }

  @Override
  public List<String> mutations() {
    return List.of(SPLITS);
  }

  @Override
  public void run(TrialRun run) throws Exception {
    Path folder = Files.createTempDirectory("weir-coverage");
    Map<String, Class<?>> targets = new LinkedHashMap<>();
    targets.put("heads", HeadTarget.class);
    targets.put("bodies", BodyTarget.class);
    targets.put("events", run.mutated(SPLITS) ? BrokenTarget.class : EventsTarget.class);
    for (Map.Entry<String, Class<?>> target : targets.entrySet()) {
      fuzz(run, folder, target.getKey(), target.getValue());
    }
  }

  private static void fuzz(TrialRun run, Path folder, String name, Class<?> target)
      throws IOException, InterruptedException {
    int seconds = run.full() ? FULL_SECONDS : SAMPLE_SECONDS;
    Path own = Files.createDirectory(folder.resolve(name));
    seeds(own.resolve("corpus"), name);
    Path log = own.resolve("log");
    Process jazzer =
        new ProcessBuilder(command(target, own, seconds, run.seed()))
            .directory(own.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    boolean ended = jazzer.waitFor(seconds + START_SECONDS, TimeUnit.SECONDS);
    if (!ended) {
      jazzer.destroyForcibly().waitFor();
    }
    judge(run, name, ended ? jazzer.exitValue() : -1, Files.readString(log));
  }

  private static List<String> command(Class<?> target, Path own, int seconds, long seed) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx512m",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-XX:+EnableDynamicAgentLoading",
        "-cp",
        System.getProperty("java.class.path"),
        "com.code_intelligence.jazzer.Jazzer",
        "--target_class=" + target.getName(),
        "--instrumentation_includes=dev.weir.gateway.**:io.netty.handler.codec.http.Http*"
            + ":tools.jackson.core.json.**",
        "--custom_hook_includes=dev.weir.**",
        "--reproducer_path=" + own,
        "-artifact_prefix=" + own + "/",
        "-seed=" + seed,
        "-max_total_time=" + seconds,
        "-max_len=4096",
        own.resolve("corpus").toString());
  }

  /// Seed inputs that reach deep code at once, as text: U+0000 to U+00FF are bytes.
  private static void seeds(Path corpus, String name) throws IOException {
    Files.createDirectory(corpus);
    try (InputStream in = CoverageTrial.class.getResourceAsStream("coverage-seeds.json")) {
      JsonNode all =
          JsonMapper.shared().readTree(java.util.Objects.requireNonNull(in).readAllBytes());
      int number = 0;
      for (JsonNode seed : all.get(name)) {
        Files.write(
            corpus.resolve("seed-" + number++),
            seed.asString().getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
      }
    }
  }

  private static void judge(TrialRun run, String name, int status, String log) {
    Matcher runs = RUNS.matcher(log);
    run.check(name + ": no failure is found", status == 0, status + " " + found(log));
    if (status != 0) {
      return;
    }
    long count = runs.find() ? Long.parseLong(runs.group(1)) : 0;
    run.check(name + ": many inputs are read", count > 1_000, count);
    Matcher covered = COVERED.matcher(log);
    String last = "";
    long most = 0;
    while (covered.find()) {
      most = Long.parseLong(covered.group(1));
      last = "%s, %s, %s".formatted(covered.group(1), covered.group(2), covered.group(3));
    }
    run.figure(name + ": inputs", count);
    run.figure(name + ": edges, features, inputs kept", last);
    run.check(name + ": the reader has coverage", most > 100, last);
  }

  private static String found(String log) {
    int at = log.indexOf("== Java Exception");
    String text = at < 0 ? log.substring(Math.max(0, log.length() - 500)) : log.substring(at);
    return text.substring(0, Math.min(text.length(), 800)).replaceAll("\\s+", " ");
  }
}
