// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.crash;

import dev.weir.control.crash.CrashPoint;
import dev.weir.control.crash.CrashPoints;
import dev.weir.server.Seams;
import dev.weir.server.Weir;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// `weir` as it is, but that a file can order it to kill itself with `kill -9` when it passes a
/// crash point: one line, `<point> <number of the pass from now on>`.
public final class DyingControl implements CrashPoints {
  /// The environment variable that names the file.
  public static final String ORDER_FILE = "TRIAL_CRASH";

  private final Path file;
  private String order = "";
  private int passes;

  private DyingControl(Path file) {
    this.file = file;
  }

  public static void main(String[] args) {
    Weir.run(
        Seams.NONE.withCrashPoints(new DyingControl(Path.of(System.getenv(ORDER_FILE)))), args);
  }

  /// Orders the death at the first pass from now on.
  public static void order(Path file, CrashPoint at) throws IOException {
    Path written = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(written, at.name() + " 1");
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public synchronized void pass(CrashPoint point) {
    String now = ordered();
    if (!now.equals(order)) {
      order = now;
      passes = 0;
    }
    List<String> words = List.of(now.split(" ", 2));
    if (point.name().equals(words.getFirst()) && ++passes == Integer.parseInt(words.getLast())) {
      die();
    }
  }

  private String ordered() {
    try {
      return Files.exists(file) ? Files.readString(file).strip() : "";
    } catch (IOException e) {
      return ""; // taken away in this very moment
    }
  }

  // The thread goes no further than here, as if the kernel had stopped all of them at once.
  private static void die() {
    try {
      new ProcessBuilder("kill", "-9", Long.toString(ProcessHandle.current().pid())).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    while (true) {
      LockSupport.park();
    }
  }
}
