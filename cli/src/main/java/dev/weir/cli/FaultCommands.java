// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.resource.GetCommand;
import dev.weir.cli.session.ChoiceOption;
import dev.weir.cli.session.CliException;
import dev.weir.cli.session.CommandGroups;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.DurationOption;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.cli.text.Table;
import dev.weir.cli.text.TerminalSanitizer;
import dev.weir.model.codec.Json;
import dev.weir.model.notation.Durations;
import dev.weir.model.notation.Percentages;
import dev.weir.model.status.Fault;
import dev.weir.model.status.Fault.FaultKind;
import dev.weir.model.status.Fault.ProbeResult;
import dev.weir.model.value.Percentage;
import dev.weir.model.view.FaultAnswer;
import dev.weir.model.view.FaultRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `weir fault ...`: injects, lists and clears faults.
final class FaultCommands {
  private FaultCommands() {}

  static CommandLine of(CommandSession session) {
    CommandLine group = CommandGroups.group("fault", "Inject, list and clear faults.");
    group.addSubcommand(new Inject(session));
    group.addSubcommand(new ListFaults(session));
    group.addSubcommand(new Clear(session));
    return group;
  }

  @Command(name = "inject", description = "Inject a fault into replicas for a limited time.")
  private static final class Inject implements Callable<Integer> {
    private final CommandSession session;

    @Parameters(paramLabel = "TARGET", description = "name of a Service or of one replica")
    private String target = "";

    @Option(
        names = "--kind",
        paramLabel = "KIND",
        required = true,
        completionCandidates = Kinds.class,
        description = "kind of the fault: error, delay, stall, cut or health")
    private String kind = "";

    @Option(
        names = "--share",
        paramLabel = "20%",
        description = "share of attempts to affect (default 100%%)")
    private Optional<String> share = Optional.empty();

    @Option(names = "--for", paramLabel = "TIME", description = "duration, at most 1h (default 1m)")
    private String duration = "1m";

    @Option(
        names = "--version",
        paramLabel = "VERSION",
        description = "affect only this version of the Service, such as 2")
    private Optional<String> version = Optional.empty();

    @Option(
        names = "--status",
        paramLabel = "N",
        description = "for kind error: 429, or 500 to 599 (default 500)")
    private Optional<Integer> status = Optional.empty();

    @Option(
        names = "--delay",
        paramLabel = "TIME",
        description = "for kind delay: delay before the request is sent (default 1s)")
    private Optional<String> delay = Optional.empty();

    @Option(
        names = "--after",
        paramLabel = "N",
        description = "for kinds stall and cut: events to pass through first (default 0)")
    private Optional<Integer> after = Optional.empty();

    @Option(
        names = "--probe-result",
        paramLabel = "WORD",
        completionCandidates = ReportedStates.class,
        description = "for kind health: state to report falsely, ready (default) or unready")
    private Optional<String> probeResult = Optional.empty();

    @Option(
        names = "--acknowledge-real-traffic",
        description = "allow the fault to affect real clients' requests")
    private boolean real;

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        description = "reason, recorded in the audit log")
    private String reason = "";

    Inject(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      OutputFormat format = session.format();
      FaultAnswer result = session.client().injectFault(session.namespace(), request(), reason);
      printAnswer(session, format, result);
      return ExitStatus.OK;
    }

    private FaultRequest request() {
      return new FaultRequest(
          target,
          ChoiceOption.of("kind", FaultKind.values(), kind),
          version,
          share.map(Inject::percentage),
          status,
          delay.map(text -> DurationOption.of("--delay", text)),
          after,
          probeResult.map(word -> ChoiceOption.of("probe result", ProbeResult.values(), word)),
          DurationOption.of("--for", duration),
          real);
    }

    private static Percentage percentage(String text) {
      return Percentages.parse(text)
          .orElseThrow(() ->
              CliException.usage("--share " + text + " is not a percentage (for example 20%)"));
    }
  }

  static final class Kinds implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Stream.of(FaultKind.values()).map(FaultKind::text).iterator();
    }
  }

  static final class ReportedStates implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Stream.of(ProbeResult.values()).map(ProbeResult::text).iterator();
    }
  }

  @Command(name = "list", description = "List active faults.")
  private static final class ListFaults implements Callable<Integer> {
    private final CommandSession session;

    ListFaults(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      OutputFormat format = session.format();
      List<Fault> faults = session.client().faults(session.namespace());
      if (format.document()) {
        session.document(GetCommand.items(Json.array(faults)));
      } else if (faults.isEmpty()) {
        session.note("no fault is active in namespace " + session.namespace());
      } else {
        session.text(table(faults).render(session.style()));
      }
      return ExitStatus.OK;
    }

    private Table table(List<Fault> faults) {
      Table table = new Table("NAME", "WHERE", "SHARE", "EFFECT", "REAL", "LEFT", "BY", "REASON");
      Instant now = session.now();
      faults.forEach(fault -> row(table, fault, now));
      return table;
    }

    private static void row(Table table, Fault fault, Instant now) {
      Duration left = Duration.between(now, fault.until());
      table.row(
          fault.name(),
          fault.place(),
          fault.share().toString(),
          fault.effect(),
          fault.real() ? "yes" : "no",
          Durations.print(Duration.ofSeconds(Math.max(0, left.toSeconds()))),
          fault.by(),
          fault.reason());
    }
  }

  @Command(name = "clear", description = "End one fault or all faults immediately.")
  private static final class Clear implements Callable<Integer> {
    private final CommandSession session;

    @Parameters(
        paramLabel = "NAME",
        arity = "0..1",
        description = "fault name from `weir fault list`")
    private Optional<String> name = Optional.empty();

    @Option(names = "--all", description = "clear every fault of the namespace")
    private boolean all;

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        description = "reason, recorded in the audit log")
    private String reason = "";

    Clear(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      OutputFormat format = session.format();
      if (all == name.isPresent()) {
        throw CliException.usage("give the NAME of a fault or --all");
      }
      printAnswer(session, format, session.client().clearFaults(session.namespace(), name, reason));
      return ExitStatus.OK;
    }
  }

  private static void printAnswer(CommandSession session, OutputFormat format, FaultAnswer result) {
    if (format.document()) {
      session.document(Json.tree(result));
    } else {
      session.line(TerminalSanitizer.line(result.message()));
    }
  }
}
