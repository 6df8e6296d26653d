// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.Polling;
import dev.weir.trials.setup.TrialManifests;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Invalid HTTP from clients and engines to a real Weir. Every case gets the right status, nothing
/// is smuggled, no answer goes to another request, and memory, threads and descriptors are bounded.
public final class ProtocolTrial implements Trial {
  private static final String HEAP = "-Xmx192m";
  private static final long MOST_RESIDENT_MIB = 700;
  private static final int FLOOD = 200;
  private static final int FILES_MORE = 30;
  private static final Polling CLOSING =
      new Polling(Duration.ofSeconds(20), Duration.ofMillis(200));
  private static final String REPAIRS = "front-that-repairs";
  private static final String MIXES_UP = "answers-mixed-up";

  @Override
  public String name() {
    return "protocol";
  }

  @Override
  public String about() {
    return "abuse of HTTP by clients and engines: framing, lengths, floods, slowness, false headers";
  }

  @Override
  public List<String> mutations() {
    return List.of(REPAIRS, MIXES_UP);
  }

  @Override
  public void run(TrialRun run) throws Exception {
    Path folder = Files.createTempDirectory("weir-protocol");
    WeirProcess.Launch launch =
        WeirProcess.Launch.up(folder).environment(Map.of("WEIR_JAVA_OPTS", HEAP));
    try (Protocol protocol = new Protocol(run.full(), run.mutated(MIXES_UP));
        WeirProcess weir = WeirProcess.start(launch)) {
      weir.apply(manifest(protocol.engine()));
      play(run, weir, protocol);
      run.check("the log has no error of Weir", faults(launch).isEmpty(), faults(launch));
    }
  }

  private static String manifest(String engine) {
    return TrialManifests.externalTarget()
        + TrialManifests.externalModel("wild", 1)
        + TrialManifests.externalService(
            "wild",
            "wild@1",
            List.of(engine),
            "{timeouts: {connect: 1s, firstToken: 3s, stall: 3s, total: 10s},"
                + " breaker: {consecutiveFailures: 1000}}");
  }

  private static void play(TrialRun run, WeirProcess weir, Protocol protocol) throws Exception {
    int port = URI.create(weir.gateway()).getPort();
    long files = files(weir.pid());
    try (Protocol.Attempt attempt = protocol.against(port, weir.inferenceKey())) {
      attempt.startSlow();
      timed(
          run,
          "clients",
          attempt.clients(run.mutated(REPAIRS) ? LenientProxy.REPAIRS : LenientProxy.NONE));
      timed(run, "dialogues", attempt.dialogues());
      timed(run, "engines", attempt.engines());
      timed(run, "deaf", List.of(attempt.deafClients()));
      run.figure(
          "bytes taken from a stream that the client does not read", attempt.bytesTakenOfDeaf());
      flood(run, weir, attempt);
      timed(run, "slow", attempt.slow());
      timed(run, "last", List.of(attempt.last()));
    }
    bounded(run, weir, files);
  }

  private static void timed(TrialRun run, String group, List<Protocol.Result> results) {
    results.forEach(result ->
        run.check(
            group + ": " + result.name(),
            result.wrong().isEmpty(),
            result.wrong().map(ProtocolTrial::printable).orElse("")));
    run.figure("cases " + group, results.size());
  }

  private static String printable(String text) {
    return text.replaceAll("[\\p{Cntrl}|]", " ");
  }

  private static void flood(TrialRun run, WeirProcess weir, Protocol.Attempt attempt)
      throws Exception {
    long before = status(weir.pid(), "VmHWM:") / 1024;
    Protocol.Flooded flooded = attempt.flood(FLOOD);
    run.figure("uploads of 33 MiB at once, heap limited to 192 MiB", FLOOD);
    run.figure("uploads by status (0: closed)", flooded.statuses().toString());
    run.figure("valid requests meanwhile, served", flooded.served());
    run.figure("valid requests meanwhile, refused with 503 or 504", flooded.refused());
    run.figure("resident MiB at most before / after them", before + " / " + peak(weir));
    run.check(
        "every upload is refused",
        flooded.statuses().keySet().stream().allMatch(List.of(0, 413, 503)::contains),
        flooded.statuses());
    run.check(
        "valid requests meanwhile are served or refused with a reason",
        flooded.wrong().isEmpty() && flooded.served() > 0,
        flooded);
  }

  private static long peak(WeirProcess weir) throws IOException {
    return status(weir.pid(), "VmHWM:") / 1024;
  }

  private static void bounded(TrialRun run, WeirProcess weir, long filesBefore) throws Exception {
    run.check("Weir is alive", weir.alive(), "it ended");
    run.check("memory is bounded", peak(weir) < MOST_RESIDENT_MIB, peak(weir));
    long files = CLOSING.read(() -> files(weir.pid()), now -> now <= filesBefore + FILES_MORE);
    run.figure("descriptors before / after", filesBefore + " / " + files);
    run.check("no connection leaks", files <= filesBefore + FILES_MORE, files);
  }

  private static long files(long pid) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return open.count();
    }
  }

  private static List<String> faults(WeirProcess.Launch launch) throws IOException {
    return Files.readAllLines(launch.folder().resolve("data.err")).stream()
        .filter(line ->
            line.contains("\"level\":\"error\"")
                || line.contains("\"stack_trace\":")
                || line.contains("\tat ")
                || line.contains("OutOfMemory")
                || line.contains("OutOfDirectMemory")
                || line.contains("LEAK"))
        .map(line -> line.substring(0, Math.min(line.length(), 400)))
        .limit(5)
        .toList();
  }

  private static long status(long pid, String field) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }
}
