// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.provider;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The resources that a process has used.
///
/// @param cpuSeconds of all its threads, its children's not counted
/// @param residentKib memory it holds now
public record Usage(double cpuSeconds, long residentKib) {
  private static final double TICKS_PER_SECOND = 100;

  public static Usage of(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    List<String> fields =
        List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)); // from the 3rd on
    long ticks = Long.parseLong(fields.get(11)) + Long.parseLong(fields.get(12));
    long resident =
        Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElse(0);
    return new Usage(ticks / TICKS_PER_SECOND, resident);
  }
}
