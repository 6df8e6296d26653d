// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials;

import dev.weir.trials.fuzz.Fuzzer;
import dev.weir.trials.fuzz.RawHttp;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/// Whatever is said to the control API: an answer of the 2xx or 4xx sort, nothing half-applied, no
/// inside shown, bounded memory and time.
final class FuzzTrial implements Trial {
  private static final int ALL = 50_000;
  private static final int SAMPLE = 6_000;
  private static final String HEAP = "-Xmx192m";
  private static final long MOST_RESIDENT_KIB = 640 * 1024;

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
    Weir.Launch launch =
        Weir.Launch.of(folder, "data", "up", "--gateway", "127.0.0.1:0", "--control", "127.0.0.1:0")
            .environment(Map.of("WEIR_JAVA_OPTS", HEAP));
    try (Weir weir = Weir.start(launch)) {
      List<String> keys =
          List.of(weir.adminKey(), key(weir, "viewer"), key(weir, "deployer"), weir.inferenceKey());
      int port = URI.create(weir.control()).getPort();
      var fuzzer = new Fuzzer(port, keys, run.mutated("half-applied"));
      fuzzer.play(run.full() ? ALL : SAMPLE, run.seed());
      report(run, fuzzer);
      run.check("it lives", weir.alive() && alive(port), "no answer");
      long resident = resident(weir.pid());
      run.figure("resident MiB at the end, heap limited to 192 MiB", resident / 1024);
      run.check("memory is bounded", resident < MOST_RESIDENT_KIB, resident + " KiB");
      run.check(
          "the audit chain is whole", weir.run("audit", "verify").status() == 0, "not verified");
      long faults =
          Files.readAllLines(folder.resolve("data.err")).stream()
              .filter(line -> line.contains("event=api.failed") || line.contains("\tat "))
              .count();
      run.check("the log holds no fault of Weir's", faults == 0, faults + " lines");
    }
  }

  private static void report(TrialRun run, Fuzzer fuzzer) throws IOException {
    run.figure("cases", fuzzer.cases());
    run.figure("accepted", fuzzer.accepted());
    run.figure("answers by status", new TreeMap<>(fuzzer.statuses()).toString());
    run.figure("median ms", fuzzer.millis(0.5));
    run.figure("worst ms", fuzzer.millis(1));
    run.check("every answer is as it should be", fuzzer.wrongs() == 0, fuzzer.wrong());
    List<String> contradictions = fuzzer.contradictions();
    run.check(
        "the audit log says the same as the answers",
        contradictions.isEmpty(),
        contradictions.stream().limit(5).toList());
    run.check(
        "a good share was carried out, so that there was something to harm",
        fuzzer.accepted() > fuzzer.cases() / 50,
        fuzzer.accepted());
  }

  private static String key(Weir weir, String role) throws IOException, InterruptedException {
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

  private static long resident(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }
}
