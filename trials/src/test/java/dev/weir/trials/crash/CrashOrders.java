// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.crash;

import dev.weir.control.crash.CrashPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

/// Orders to a [DyingControl] and reports from it, as files in one folder, because it can die at
/// any instant.
///
/// @param folder that exists
public record CrashOrders(Path folder) {
  private static final String DIE = "die";
  private static final String DIED = "died";
  private static final String HOLD = "hold";
  private static final String HELD = "held";
  private static final String AHEAD = "ahead";
  private static final String PASSED = "passed";

  /// It dies when it next passes the point.
  public void dieAt(CrashPoint point) {
    write(DIE, point.name());
  }

  /// Cancels the order to die.
  public void live() {
    remove(DIE);
  }

  /// Whether it has died as ordered since this was asked last.
  public boolean died() {
    boolean died = !read(DIED).isEmpty();
    remove(DIED);
    return died;
  }

  /// A thread that passes the point waits there, as if the kernel did not schedule it.
  public void hold(CrashPoint point) {
    remove(HELD);
    write(HOLD, point.name());
  }

  public void letGo() {
    remove(HOLD);
  }

  /// Whether a thread waits at the ordered point.
  public boolean held() {
    return !read(HELD).isEmpty();
  }

  /// Its monotonic clock makes a jump.
  public void jump(Duration forward) {
    write(AHEAD, Long.toString(aheadNanos() + forward.toNanos()));
  }

  /// The points that were passed lately.
  public List<String> passed() {
    return read(PASSED).lines().toList();
  }

  public void forgetPassed() {
    remove(PASSED);
  }

  // Reports

  /// Whether to die here; an order is carried out once.
  boolean dies(CrashPoint point) {
    append(point.name() + "\n");
    boolean dies = read(DIE).equals(point.name());
    if (dies) {
      remove(DIE);
      write(DIED, point.name());
    }
    return dies;
  }

  boolean holds(CrashPoint point) {
    boolean holds = read(HOLD).equals(point.name());
    if (holds) {
      write(HELD, point.name());
    }
    return holds;
  }

  long aheadNanos() {
    String ahead = read(AHEAD);
    return ahead.isEmpty() ? 0 : Long.parseLong(ahead);
  }

  private String read(String name) {
    try {
      return Files.readString(folder.resolve(name));
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(String name, String text) {
    try {
      Path written = Files.createTempFile(folder, name, ".new");
      Files.writeString(written, text);
      Files.move(written, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void append(String line) {
    try {
      Files.writeString(
          folder.resolve(PASSED), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void remove(String name) {
    try {
      Files.deleteIfExists(folder.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
