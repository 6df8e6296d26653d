// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The resources of a Java process after a garbage collection. The process must run with
/// `-XX:NativeMemoryTracking=summary`.
///
/// @param heapKib live objects
/// @param directKib memory outside of the heap that the program itself took
public record Footprint(long heapKib, long directKib, long descriptors, long threads) {
  private static final Pattern HEAP = Pattern.compile(" total \\d+K, used (\\d+)K");
  private static final Pattern DIRECT = Pattern.compile(" Other \\(reserved=(\\d+)KB");

  public static Footprint of(long pid) throws IOException, InterruptedException {
    jcmd(pid, "GC.run");
    return new Footprint(
        sum(HEAP, jcmd(pid, "GC.heap_info")),
        sum(DIRECT, jcmd(pid, "VM.native_memory", "summary")),
        entries("/proc/" + pid + "/fd"),
        entries("/proc/" + pid + "/task"));
  }

  private static String jcmd(long pid, String... what) throws IOException, InterruptedException {
    Path program = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    ProcessBuilder builder = new ProcessBuilder(program.toString(), Long.toString(pid));
    builder.command().addAll(List.of(what));
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("jcmd: " + said);
    }
    return said;
  }

  private static long sum(Pattern pattern, String text) throws IOException {
    Matcher matcher = pattern.matcher(text);
    long sum = 0;
    boolean found = false;
    while (matcher.find()) {
      found = true;
      sum += Long.parseLong(matcher.group(1));
    }
    if (!found) {
      throw new IOException("jcmd says nothing of " + pattern + ": " + text);
    }
    return sum;
  }

  private static long entries(String folder) throws IOException {
    long count = 0;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of(folder))) {
      for (Path _ : all) {
        count++;
      }
    }
    return count;
  }
}
