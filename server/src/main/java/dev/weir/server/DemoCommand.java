// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.rehearsal.DemoCommandOutput;
import dev.weir.rehearsal.DemoException;
import dev.weir.rehearsal.DemoOptions;
import dev.weir.rehearsal.DemoReport;
import dev.weir.rehearsal.DemoRun;
import dev.weir.rehearsal.DemoScenario;
import dev.weir.rehearsal.Narrator;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `weir demo`: shows the main scenario end to end on this machine, without a GPU.
@Command(
    name = "demo",
    description = "Release a good and a bad version under production-like traffic.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit status%n",
    exitCodeList = {"0:every check of the demo passed", "1:at least one check failed"})
final class DemoCommand implements Callable<Integer> {
  @Option(names = "--json", description = "print one JSON document to standard output")
  private boolean json;

  @Option(names = "--trace", paramLabel = "FILE", description = "replay a recorded trace")
  private @Nullable Path trace;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "seed of the traffic (default 1)",
      defaultValue = "1")
  private long seed;

  @Option(names = "--keep", description = "keep data and logs of all processes")
  private boolean keep;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("weir-demo");
    boolean succeeded = false;
    // With --json, progress goes to standard error.
    PrintStream progress = json ? System.err : System.out;
    try {
      Narrator narrator = new Narrator(progress, Serving.terminal() && !json, System::nanoTime);
      DemoReport report =
          DemoRun.play(
              DemoScenario.demo(),
              DemoOptions.demo(
                  SelfCommand.argv(),
                  Version.CURRENT,
                  folder,
                  Optional.ofNullable(trace).map(Path::toAbsolutePath),
                  seed),
              narrator,
              System::nanoTime);
      DemoCommandOutput.print(report, json, System.out);
      succeeded = report.succeeded();
      return succeeded ? 0 : 1;
    } catch (DemoException e) {
      System.err.println("weir demo: " + e.getMessage());
      return 1;
    } finally {
      if (keep || !succeeded) {
        progress.println("data and logs: " + folder);
      } else {
        delete(folder);
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(DemoCommand::remove);
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + file, e);
    }
  }
}
