// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.doctor;

import dev.weir.cli.doctor.CheckResult.Level;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.cli.text.TerminalSanitizer;
import dev.weir.model.codec.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `weir doctor`: checks this machine, the data folder and the running fleet, and reports states
/// and remedies. It changes nothing.
@Command(
    name = "doctor",
    description = "Check machine, data folder, control plane and fleet; suggest fixes.",
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {"0:no problems", "1:at least one problem"})
public final class DoctorCommand implements Callable<Integer> {
  private final CommandSession session;
  private final DoctorCheck machine;

  @Option(names = "--data", paramLabel = "DIR", description = "data folder to check")
  private Optional<Path> data = Optional.empty();

  public DoctorCommand(CommandSession session, DoctorCheck machine) {
    this.session = session;
    this.machine = machine;
  }

  /// @param problems their number; the exit status is 1 unless it is 0
  private record Report(List<CheckResult> findings, long warnings, long problems) {}

  @Override
  public Integer call() {
    OutputFormat format = session.format();
    List<CheckResult> findings = new ArrayList<>(machine.run(data));
    findings.addAll(new FleetHealthCheck(session).findings());
    Report report =
        new Report(
            List.copyOf(findings), count(findings, Level.WARNING), count(findings, Level.PROBLEM));
    if (format.document()) {
      session.document(Json.tree(report));
    } else {
      findings.forEach(this::print);
      session.line(summary(report));
    }
    return report.problems() == 0 ? ExitStatus.OK : ExitStatus.ERROR;
  }

  private static long count(List<CheckResult> findings, Level level) {
    return findings.stream().filter(finding -> finding.level() == level).count();
  }

  private void print(CheckResult finding) {
    String level = finding.level().text();
    session.line(
        session.style().state(level, String.format(Locale.ROOT, "%-8s", level))
            + String.format(Locale.ROOT, " %-14s ", TerminalSanitizer.line(finding.check()))
            + TerminalSanitizer.line(finding.found()));
    if (!finding.todo().isEmpty()) {
      session.line(" ".repeat(24) + "-> " + TerminalSanitizer.line(finding.todo()));
    }
  }

  private static String summary(Report report) {
    return report.problems() + report.warnings() == 0
        ? "no problems found"
        : "%d problem(s), %d warning(s)".formatted(report.problems(), report.warnings());
  }
}
