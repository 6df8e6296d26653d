// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// The argv that starts this Weir again: same Java, same flags, same class path.
final class SelfCommand {
  private SelfCommand() {}

  static List<String> argv() {
    List<String> argv = new ArrayList<>();
    argv.add(
        ProcessHandle.current()
            .info()
            .command()
            .orElse(System.getProperty("java.home") + "/bin/java"));
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      // Children must not write the start-up cache.
      if (!flag.startsWith("-XX:AOTCacheOutput") && !flag.startsWith("-XX:AOTMode")) {
        argv.add(flag);
      }
    }
    argv.addAll(List.of("-cp", classPath(), Weir.class.getName()));
    return List.copyOf(argv);
  }

  /// Absolute paths, because children may run in other folders.
  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.isEmpty())
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /// The argv of a simulated engine: small heap and fast compiler, because many run on one machine.
  static List<String> sim() {
    List<String> argv = new ArrayList<>(argv());
    argv.addAll(1, List.of("-XX:TieredStopAtLevel=1", "-Xmx256m"));
    argv.addAll(
        List.of(
            "sim",
            "--host",
            "{host}",
            "--port",
            "{port}",
            "--model",
            "{model}",
            "--version",
            "{version}"));
    return List.copyOf(argv);
  }
}
