// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.fuzz;

import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.AuditCheck;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/// Hostile input at the control API gets 2xx or 4xx, changes nothing partially, leaks no internals,
/// and uses bounded memory and time.
public final class FuzzTrial implements Trial {
  private static final int ALL = 50_000;
  private static final int SAMPLE = 4_000;
  private static final String HEAP = "-Xmx192m";
  private static final long MOST_RESIDENT_MIB = 640;
  private static final long MOST_THREADS = 150;
  private static final long MOST_FILES = 400;

  @Override
  public String name() {
    return "fuzz";
  }

  @Override
  public String about() {
    return "hostile input at the control API; planted secrets are found nowhere";
  }

  @Override
  public List<String> mutations() {
    return List.of("half-applied", "leak");
  }

  @Override
  public void run(TrialRun run) throws Exception {
    fuzz(run);
    new SecretsCheck(run).check();
  }

  private static void fuzz(TrialRun run) throws Exception {
    Path folder = Files.createTempDirectory("weir-fuzz");
    WeirProcess.Launch launch =
        WeirProcess.Launch.up(folder).environment(Map.of("WEIR_JAVA_OPTS", HEAP));
    try (WeirProcess weir = WeirProcess.start(launch)) {
      List<String> keys =
          List.of(weir.adminKey(), key(weir, "viewer"), key(weir, "deployer"), weir.inferenceKey());
      String gatewayKey = Files.readString(launch.data().resolve("gateway.key")).strip();
      int port = URI.create(weir.control()).getPort();
      var fuzzer = new Fuzzer(port, keys, gatewayKey, run.mutated("half-applied"));
      fuzzer.play(run.full() ? ALL : SAMPLE, run.seed());
      report(run, fuzzer);
      run.check("the control plane is alive", weir.alive() && alive(port), "no answer");
      bounded(run, weir.pid());
      AuditCheck.verify(run, weir);
      List<String> faults = faults(folder.resolve("data.err"));
      run.check("the log has no error of Weir", faults.isEmpty(), faults);
    }
  }

  private static void bounded(TrialRun run, long pid) throws IOException {
    long resident = status(pid, "VmHWM:") / 1024;
    long threads = status(pid, "Threads:");
    long files;
    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      files = open.count();
    }
    run.figure("resident MiB at most, heap limited to 192 MiB", resident);
    run.figure("threads / open files at the end", threads + " / " + files);
    run.check("memory is bounded", resident > 0 && resident < MOST_RESIDENT_MIB, resident);
    run.check("threads are bounded", threads > 0 && threads < MOST_THREADS, threads);
    run.check("no connection leaks", files < MOST_FILES, files);
  }

  /// Errors and other entries with a stack trace.
  private static List<String> faults(Path log) throws IOException {
    return Files.readAllLines(log).stream()
        .filter(line ->
            line.contains("\"level\":\"error\"")
                || line.contains("\"stack_trace\":")
                || line.contains("\tat ")
                || line.contains("OutOfMemory"))
        // Correct warnings: this trial invents gateways.
        .filter(line -> !line.contains("\"event\":\"convergence.alarm\""))
        .map(line -> line.substring(0, Math.min(line.length(), 400)))
        .limit(5)
        .toList();
  }

  private static void report(TrialRun run, Fuzzer fuzzer) throws IOException {
    Judge judge = fuzzer.judge();
    run.figure("cases", fuzzer.cases());
    run.figure("accepted", fuzzer.accepted());
    run.figure("answers by status (0: closed, bad framing only)", judge.statuses().toString());
    run.figure("problem types seen", judge.types().toString());
    run.figure("routes attacked", fuzzer.aimed().size());
    run.figure("refusals with the whole store compared before and after", fuzzer.looks());
    run.figure("valid writes meanwhile, all stored", fuzzer.goodWrites());
    run.figure("median ms", judge.millis(0.5));
    run.figure("99 % ms", judge.millis(0.99));
    run.figure("worst ms", judge.millis(1));
    run.figure("worst case", judge.slowest().replace('\n', ' ').replace('\r', ' '));
    run.check("every answer is as specified", judge.wrongs() == 0, judge.wrong());
    List<String> contradictions = fuzzer.contradictions();
    run.check(
        "the audit log agrees with the answers",
        contradictions.isEmpty(),
        contradictions.stream().limit(5).toList());
    run.check(
        "enough requests succeed to change the store",
        fuzzer.accepted() > fuzzer.cases() / 50,
        fuzzer.accepted());
    run.check(
        "enough refusals are compared with the store",
        fuzzer.looks() > fuzzer.cases() / 40,
        fuzzer.looks());
    run.check(
        "every route of the API document is attacked",
        fuzzer.aimed().values().stream().allMatch(cases -> cases > 0),
        fuzzer.aimed());
    run.check(
        "few persistent connections close between two requests",
        fuzzer.reopened() <= fuzzer.cases() / 50,
        fuzzer.reopened());
    run.check(
        "a valid client loses no write meanwhile",
        fuzzer.goodWrites() > 20 && fuzzer.goodWritesLost().isEmpty(),
        fuzzer.goodWrites() + " writes, wrong: " + fuzzer.goodWritesLost());
  }

  private static String key(WeirProcess weir, String role)
      throws IOException, InterruptedException {
    return JsonMapper.shared()
        .readTree(weir.ok("key", "create", "fuzz-" + role, "--role", role, "-o", "json"))
        .get("key")
        .asString();
  }

  private static boolean alive(int port) throws IOException {
    try (var http = new RawHttp(port)) {
      byte[] ask =
          "GET /health HTTP/1.1\r\nHost: weir\r\n\r\n"
              .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
      return http.send(ask).status() == 200;
    }
  }

  private static long status(long pid, String field) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }
}
