// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.provider;

import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.Replicas;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// While Weir is away its engine ends, and a stranger gets the engine's pid.
final class StrangerCheck {
  private static final Path NEXT_PID = Path.of("/proc/sys/kernel/ns_last_pid");
  private static final int ATTEMPTS = 200;

  private final TrialRun run;

  StrangerCheck(TrialRun run) {
    this.run = run;
  }

  void check() throws Exception {
    Path folder = Files.createTempDirectory("weir-stranger");
    WeirProcess first = WeirProcess.upAgain(folder);
    long pid;
    try {
      Replicas replicas = new Replicas(first);
      replicas.apply(Replicas.manifest("chat", Replicas.simulated("stranger"), 1));
      pid = replicas.awaitReady(1).getFirst().pid();
    } finally {
      first.kill();
    }
    ProcessHandle engine = ProcessHandle.of(pid).orElseThrow();
    engine.destroyForcibly();
    engine.onExit().get();
    Process stranger = impersonate(folder, pid);
    try (WeirProcess second = WeirProcess.start(launch(folder))) {
      Replicas.Shown again = new Replicas(second).awaitReady(1).getFirst();
      run.check("the foreign process is not adopted", again.pid() != stranger.pid(), again);
      run.check("the engine is restarted and its exit is counted", again.restarts() == 1, again);
    }
    run.check("the foreign process gets no signal", stranger.isAlive(), "killed with the replica");
    stranger.destroyForcibly().waitFor();
  }

  private WeirProcess.Launch launch(Path folder) {
    WeirProcess.Launch up = WeirProcess.Launch.up(folder);
    return run.mutated("pid-only")
        ? up.program(MortalWeir.program("pid-only", folder.resolve("unarmed")))
        : up;
  }

  /// A process with the engine's own pid where the kernel can be asked for it, else one whose pid
  /// is written where the engine's was.
  private Process impersonate(Path folder, long pid) throws IOException, InterruptedException {
    if (Files.isWritable(NEXT_PID)) {
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        Files.writeString(NEXT_PID, Long.toString(pid - 1));
        Process stranger = stranger();
        if (stranger.pid() == pid) {
          run.figure("pid reused", "by the kernel");
          return stranger;
        }
        stranger.destroyForcibly().waitFor();
      }
    }
    run.figure("pid reused", "by forging the record");
    Process stranger = stranger();
    Path file = pidFile(folder);
    String said = Files.readString(file, StandardCharsets.ISO_8859_1);
    Files.writeString(file, stranger.pid() + said.substring(said.indexOf(' ')));
    return stranger;
  }

  /// Leads a group, as engines do.
  private static Process stranger() throws IOException {
    return new ProcessBuilder("setsid", "sleep", "100000").start();
  }

  private static Path pidFile(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("data/replicas"))) {
      List<Path> found =
          files.filter(file -> file.getFileName().toString().startsWith("pid.")).toList();
      return found.getFirst();
    }
  }
}
