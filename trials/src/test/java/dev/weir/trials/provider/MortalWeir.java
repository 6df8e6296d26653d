// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.provider;

import dev.weir.runtime.process.LaunchPoint;
import dev.weir.runtime.process.LaunchPoints;
import dev.weir.runtime.process.ProcFs;
import dev.weir.runtime.process.ProcessProviderOptions;
import dev.weir.runtime.process.ProcessTable;
import dev.weir.server.TestHooks;
import dev.weir.server.Weir;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/// `weir` with a weakness, named by its first argument: `none`, `pid-only`, or a [LaunchPoint] at
/// which it kills itself with SIGKILL once the file named by its second argument is there.
public final class MortalWeir {
  private MortalWeir() {}

  public static void main(String[] args) {
    TestHooks testHooks =
        TestHooks.NONE.withProcesses(options -> weakened(options, args[0], args[1]));
    Weir.run(testHooks, Arrays.copyOfRange(args, 2, args.length));
  }

  /// The command before the arguments of `weir`.
  public static List<String> program(String weakness, Path armed) {
    return new ArrayList<>(
        List.of(
            System.getProperty("java.home") + "/bin/java",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            MortalWeir.class.getName(),
            weakness,
            armed.toString()));
  }

  private static ProcessProviderOptions weakened(
      ProcessProviderOptions options, String weakness, String armed) {
    return switch (weakness) {
      case "none" -> options;
      case "pid-only" -> options.withTable(new ByPidAlone());
      default -> options.withPoints(deadly(LaunchPoint.valueOf(weakness), Path.of(armed)));
    };
  }

  private static LaunchPoints deadly(LaunchPoint point, Path armed) {
    return (at, _) -> {
      if (at == point && Files.exists(armed)) {
        die();
      }
    };
  }

  private static void die() {
    try {
      new ProcessBuilder("kill", "-9", Long.toString(ProcessHandle.current().pid())).start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot die", e);
    }
    while (true) {
      LockSupport.park();
    }
  }

  /// The deliberate bug: it takes the current owner of a pid for the engine that had it.
  private static final class ByPidAlone implements ProcessTable {
    private final ProcessTable right = new ProcFs();

    @Override
    public boolean alive(Identity identity) {
      return find(identity.pid()).filter(entry -> !entry.zombie()).isPresent();
    }

    @Override
    public Optional<Entry> find(long pid) {
      return right.find(pid);
    }

    @Override
    public List<Entry> all() {
      return right.all();
    }

    @Override
    public Marks marks(long pid) {
      return right.marks(pid);
    }

    @Override
    public String bootId() {
      return right.bootId();
    }
  }
}
