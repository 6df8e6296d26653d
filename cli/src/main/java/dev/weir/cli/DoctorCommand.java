// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.Finding.Level;
import dev.weir.cli.text.Clean;
import dev.weir.model.codec.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `weir doctor`: looks at this machine, the data folder and what runs, and says of each thing what
/// is so and what to do. It changes nothing.
@Command(
    name = "doctor",
    description = "Check machine, data folder, control plane and fleet; say what to do.")
final class DoctorCommand implements Callable<Integer> {
  private final Session session;
  private final Checkup machine;

  @Option(names = "--data", paramLabel = "DIR", description = "the data folder to look at")
  private Optional<Path> data = Optional.empty();

  DoctorCommand(Session session, Checkup machine) {
    this.session = session;
    this.machine = machine;
  }

  /// @param problems how many; with one the exit status is 1
  private record Report(List<Finding> findings, long warnings, long problems) {}

  @Override
  public Integer call() {
    Format format = session.format();
    List<Finding> findings = new ArrayList<>(machine.findings(data));
    findings.addAll(new FleetCheckup(session).findings());
    Report report =
        new Report(
            List.copyOf(findings), count(findings, Level.WARNING), count(findings, Level.PROBLEM));
    if (format.document()) {
      session.document(Json.tree(report));
    } else {
      findings.forEach(this::print);
      session.line(summary(report));
    }
    return report.problems() == 0 ? Exit.OK : Exit.ERROR;
  }

  private static long count(List<Finding> findings, Level level) {
    return findings.stream().filter(finding -> finding.level() == level).count();
  }

  private void print(Finding finding) {
    String level = finding.level().text();
    session.line(
        session.style().state(level, String.format(Locale.ROOT, "%-8s", level))
            + String.format(Locale.ROOT, " %-14s ", Clean.line(finding.check()))
            + Clean.line(finding.found()));
    if (!finding.todo().isEmpty()) {
      session.line(" ".repeat(24) + "-> " + Clean.line(finding.todo()));
    }
  }

  private static String summary(Report report) {
    return report.problems() + report.warnings() == 0
        ? "all is well"
        : "%d problem(s), %d warning(s)".formatted(report.problems(), report.warnings());
  }
}
