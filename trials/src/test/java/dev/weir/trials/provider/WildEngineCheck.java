// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.provider;

import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.Replicas;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// An engine that writes 100 MB a second, forks processes into their own sessions, and ignores
/// SIGTERM.
final class WildEngineCheck {
  private static final int ROUNDS = 60;
  private static final long ROUND_BYTES = 10_000_000;
  private static final long MOST_ON_DISK = 300_000_000;
  private static final long MOST_GROWTH_KIB = 64 * 1024;
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final TrialRun run;
  private final String mark = "wild-" + ProcessHandle.current().pid();
  private final Engines engines = new Engines("TRIAL=" + mark);

  WildEngineCheck(TrialRun run) {
    this.run = run;
  }

  void check() throws Exception {
    try (WeirProcess weir = WeirProcess.up()) {
      Path written = weir.folder().resolve("written");
      String script = script(written);
      Replicas replicas = new Replicas(weir);
      long before = Usage.of(weir.pid()).residentKib();
      replicas.apply(
          Replicas.manifest(
              "wild",
              "{type: vllm, command: [/bin/sh, '-c', '"
                  + script
                  + "'], env: {TRIAL: "
                  + mark
                  + "}}",
              1));
      long most = watch(written, weir.folder().resolve("data/replicas"));
      long growth = Usage.of(weir.pid()).residentKib() - before;
      run.check(
          "the engine is never blocked on output", rounds(written) == ROUNDS, rounds(written));
      run.check("its log is bounded while it floods", most < MOST_ON_DISK, most);
      run.check("Weir's memory is bounded", growth < MOST_GROWTH_KIB, growth + " KiB");
      run.figure("MB written by an engine", ROUNDS * ROUND_BYTES / 1_000_000);
      run.figure("MB of log on disk at most", most / 1_000_000);
      run.figure("growth of Weir in MiB meanwhile", growth / 1024);
      List<Replicas.Shown> shown = replicas.shown();
      run.check("its replica is listed", !shown.isEmpty(), "no answer");
      run.check("the engine forks", engines.all().size() >= 4, engines.all());
    }
    run.check("no process of it is left", engines.all().isEmpty(), engines.all());
  }

  /// Counts in `written` how often it has said its 10 MB.
  private static String script(Path written) {
    return """
    trap "" TERM; for i in 1 2 3; do setsid sh -c "trap \\"\\" TERM; while :; do sleep 1; done" & done; \
    n=0; while [ $n -lt %d ]; do head -c %d /dev/urandom; n=$((n+1)); echo $n > %s; sleep 0.1; done; \
    while :; do sleep 1; done\
    """
        .formatted(ROUNDS, ROUND_BYTES, written);
  }

  /// @return the most bytes of logs seen on the disk until all is written
  private static long watch(Path written, Path folder) throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    long most = 0;
    while (rounds(written) < ROUNDS && System.nanoTime() < end) {
      most = Math.max(most, logs(folder));
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }
    return most;
  }

  private static int rounds(Path written) throws IOException {
    String text = Files.exists(written) ? Files.readString(written).strip() : "";
    return text.isEmpty() ? 0 : Integer.parseInt(text);
  }

  private static long logs(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("log"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    }
  }
}
