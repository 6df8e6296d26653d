// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// The report page of a run: counts, figures, seed, commit and machine.
public final class TrialReport {
  private TrialReport() {}

  /// @param options of the run
  /// @param results as `--json` prints them
  public static void write(Path file, String options, List<TrialResult> results) {
    StringBuilder page = new StringBuilder();
    for (TrialResult result : results) {
      section(page, options, result);
    }
    page.append(where());
    try {
      Files.writeString(file, page);
    } catch (IOException e) {
      throw new UncheckedIOException("the report can't be written to " + file, e);
    }
  }

  private static void section(StringBuilder page, String options, TrialResult result) {
    page.append(
        """
        # Trial `%1$s`

        `./dev trials %1$s %2$s`

        %3$d checks: **%4$d passed, %5$d failed, %6$d skipped** in %7$.0f s.
        """
            .formatted(
                result.name(),
                options,
                result.cases(),
                result.passed(),
                result.failed(),
                result.skipped(),
                result.seconds()));
    list(page, "Failed", result.failures());
    list(page, "Skipped", result.reasonsSkipped());
    if (!result.figures().isEmpty()) {
      page.append("\n| figure | value |\n|---|---|\n");
      result
          .figures()
          .forEach((name, value) ->
              page.append("| ").append(name).append(" | ").append(value).append(" |\n"));
    }
    page.append(result.pages()).append('\n');
  }

  private static void list(StringBuilder page, String title, List<String> lines) {
    if (!lines.isEmpty()) {
      page.append('\n').append(title).append(":\n\n");
      lines.forEach(line -> page.append("- ").append(line).append('\n'));
    }
  }

  private static String where() {
    return """
    Commit %s, %s, %d processors, %s %s, Java %s.
    """
        .formatted(
            commit(),
            Instant.now().truncatedTo(ChronoUnit.SECONDS),
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.name"),
            System.getProperty("os.arch"),
            System.getProperty("java.version"));
  }

  private static String commit() {
    try {
      Process git =
          new ProcessBuilder("git", "describe", "--always", "--dirty")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String text = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return text.isEmpty() ? "unknown" : text;
    } catch (IOException e) {
      return "unknown";
    }
  }
}
