// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.resource.GetCommand;
import dev.weir.cli.resource.ReleaseWait;
import dev.weir.cli.resource.RolloutLookup;
import dev.weir.cli.session.CliException;
import dev.weir.cli.session.CommandGroups;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.DurationOption;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.cli.session.StatusLine;
import dev.weir.cli.text.ResourceText;
import dev.weir.cli.text.RolloutText;
import dev.weir.cli.text.TerminalSanitizer;
import dev.weir.client.CommandResponse;
import dev.weir.client.RolloutVerb;
import dev.weir.model.Rollout;
import dev.weir.model.codec.Json;
import dev.weir.model.codec.Manifests;
import dev.weir.model.view.SummaryView;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// `weir rollout ...`: the current rollout of a Service, or its last one.
final class RolloutCommands {
  private RolloutCommands() {}

  static CommandLine of(CommandSession session) {
    CommandLine group = CommandGroups.group("rollout", "Show and control rollouts of a Service.");
    group.addSubcommand(new Status(session));
    group.addSubcommand(new RolloutWatch(session));
    group.addSubcommand(verb(session, RolloutVerb.PAUSE, "Pause the rollout at its current step."));
    group.addSubcommand(verb(session, RolloutVerb.RESUME, "Resume a paused rollout."));
    group.addSubcommand(
        verb(
            session,
            RolloutVerb.PROMOTE,
            "Skip the analysis: advance to the next step, or promote after the last one."));
    group.addSubcommand(new Abort(session));
    group.addSubcommand(new Undo(session));
    group.addSubcommand(verb(session, RolloutVerb.RETRY, "Retry a reverted release."));
    group.addSubcommand(new OverrideRollout(session));
    group.addSubcommand(new History(session));
    group.addSubcommand(new RolloutExplain(session));
    return group;
  }

  private static CommandLine verb(CommandSession session, RolloutVerb verb, String description) {
    CommandLine line = new CommandLine(new Verb(session, verb));
    CommandSpec spec = line.getCommandSpec().name(verb.text());
    spec.usageMessage().description(description);
    return line;
  }

  @Command(
      name = "status",
      description = "Show rollout progress.",
      exitCodeListHeading = ExitStatus.HEADING,
      exitCodeList = {
        "0:shown; with --wait: the version was promoted",
        "3:--wait: the release was rolled back, aborted or superseded",
        "4:--wait: the release is paused"
      })
  private static final class Status implements Callable<Integer> {
    private final CommandSession session;

    @Parameters(paramLabel = "SERVICE", description = "name of the Service")
    private String service = "";

    @Option(
        names = "--number",
        paramLabel = "N",
        description = "show rollout SERVICE-N instead of the latest")
    private Optional<Integer> number = Optional.empty();

    @Option(
        names = "--wait",
        description =
            "wait until it ends: exit status 0 completed, 3 reverted or superseded, 4 paused")
    private boolean wait;

    @Option(
        names = "--timeout",
        paramLabel = "TIME",
        description = "timeout of --wait (default 24h)")
    private String timeout = "24h";

    Status(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
      OutputFormat format = session.format();
      Duration maxWait = DurationOption.of("--timeout", timeout);
      if (wait && number.isPresent()) {
        throw CliException.usage("--wait works only for the latest rollout: omit --number");
      }
      RolloutLookup lookup = new RolloutLookup(session);
      Rollout rollout = wait ? ended(maxWait) : lookup.chosen(service, number);
      Optional<SummaryView> summary = lookup.summary(rollout);
      if (format.document()) {
        session.document(RolloutText.document(rollout, summary));
      } else {
        session.text(RolloutText.status(rollout, summary, session.now(), session.style()));
        lookup
            .service(service)
            .status()
            .outOfSync()
            .ifPresent(
                reason -> session.line(ResourceText.outOfSync(TerminalSanitizer.line(reason))));
      }
      return wait ? ExitStatus.of(rollout.status().phase()) : ExitStatus.OK;
    }

    private Rollout ended(Duration maxWait) throws InterruptedException {
      try (StatusLine progress = new StatusLine(session.io().err(), session.io().terminal())) {
        return new ReleaseWait(session, progress::show).rollout(service, maxWait, timeout, true);
      }
    }
  }

  /// `pause`, `resume`, `promote`, `retry`.
  @Command
  private static final class Verb implements Callable<Integer> {
    private final CommandSession session;
    private final RolloutVerb verb;

    @Parameters(paramLabel = "SERVICE", description = "name of the Service")
    private String service = "";

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        description = "reason, recorded in the audit log")
    private String reason = "";

    Verb(CommandSession session, RolloutVerb verb) {
      this.session = session;
      this.verb = verb;
    }

    @Override
    public Integer call() {
      session.format();
      Rollout rollout = new RolloutLookup(session).latest(service);
      String name = rollout.metadata().name();
      return printAnswer(
          session, name, session.client().rollout(verb, session.namespace(), name, reason));
    }
  }

  @Command(name = "abort", description = "Abort the rollout and roll back to the stable version.")
  private static final class Abort implements Callable<Integer> {
    private final CommandSession session;

    @Parameters(paramLabel = "SERVICE", description = "name of the Service")
    private String service = "";

    @Option(
        names = "--now",
        description =
            "emergency: roll back even if no stable replica responds; alerts on-call, needs --reason")
    private boolean now;

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        description = "reason, recorded in the audit log")
    private String reason = "";

    Abort(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      session.format();
      if (now) {
        requireReason(reason);
      }
      String name = new RolloutLookup(session).latest(service).metadata().name();
      return printAnswer(
          session,
          name,
          now
              ? session.client().abortNow(session.namespace(), name, reason)
              : session.client().rollout(RolloutVerb.ABORT, session.namespace(), name, reason));
    }
  }

  @Command(
      name = "override",
      description = "Bypass freezes, concurrency limits and ordering (alerts on-call).")
  private static final class OverrideRollout implements Callable<Integer> {
    private final CommandSession session;

    @Parameters(paramLabel = "SERVICE", description = "name of the Service")
    private String service = "";

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        required = true,
        description = "reason, recorded in the audit log and sent with the alert")
    private String reason = "";

    @Option(
        names = "--until",
        paramLabel = "TIME",
        description = "duration, such as 2h (default: until the rollout ends)")
    private Optional<String> until = Optional.empty();

    OverrideRollout(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      session.format();
      requireReason(reason);
      Optional<Duration> duration = until.map(text -> DurationOption.of("--until", text));
      String name = new RolloutLookup(session).latest(service).metadata().name();
      return printAnswer(
          session, name, session.client().override(session.namespace(), name, reason, duration));
    }
  }

  private static void requireReason(String reason) {
    if (reason.isBlank()) {
      throw CliException.usage("--reason must not be empty: it is sent with the alert");
    }
  }

  @Command(name = "undo", description = "Roll back to a previous version.")
  private static final class Undo implements Callable<Integer> {
    private final CommandSession session;

    @Parameters(paramLabel = "SERVICE", description = "name of the Service")
    private String service = "";

    @Option(
        names = "--to",
        paramLabel = "MODEL@VERSION",
        description = "a version that served before (default: the previous one)")
    private Optional<String> to = Optional.empty();

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        description = "reason, recorded in the audit log")
    private String reason = "";

    Undo(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      session.format();
      return printAnswer(
          session, service, session.client().rollback(session.namespace(), service, to, reason));
    }
  }

  private static int printAnswer(CommandSession session, String name, CommandResponse response) {
    if (session.format().document()) {
      session.document(Json.tree(response));
    } else {
      session.line(name + ": " + TerminalSanitizer.line(response.message()));
    }
    return ExitStatus.OK;
  }

  @Command(name = "history", description = "List all rollouts of a Service, oldest first.")
  private static final class History implements Callable<Integer> {
    private final CommandSession session;

    @Parameters(paramLabel = "SERVICE", description = "name of the Service")
    private String service = "";

    History(CommandSession session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      OutputFormat format = session.format();
      RolloutLookup rolloutLookup = new RolloutLookup(session);
      List<Rollout> rollouts = rolloutLookup.all(rolloutLookup.service(service).metadata().name());
      if (format.document()) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        rollouts.forEach(rollout -> array.add(Manifests.toTree(rollout)));
        session.document(GetCommand.items(array));
      } else if (rollouts.isEmpty()) {
        session.note("no rollouts yet");
      } else {
        session.text(RolloutText.table(rollouts).render(session.style()));
      }
      return ExitStatus.OK;
    }
  }
}
