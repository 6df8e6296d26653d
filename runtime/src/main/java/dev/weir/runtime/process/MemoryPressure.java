// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// Whether the kernel ends processes for want of memory.
final class MemoryPressure {
  private static final Path COUNTERS = Path.of("/proc/vmstat");
  private static final String KILLS = "oom_kill ";

  private MemoryPressure() {}

  /// How many processes the kernel killed for want of memory since boot, the machine's or a control
  /// group's; 0 where the kernel does not tell.
  static long kills() {
    try (Stream<String> lines = Files.lines(COUNTERS)) {
      return lines
          .filter(line -> line.startsWith(KILLS))
          .mapToLong(line -> Long.parseLong(line.substring(KILLS.length()).strip()))
          .findFirst()
          .orElse(0);
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }
}
