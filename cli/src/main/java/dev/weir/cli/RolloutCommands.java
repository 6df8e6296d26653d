// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.text.Clean;
import dev.weir.cli.text.ExplainText;
import dev.weir.cli.text.ReplayText;
import dev.weir.cli.text.RolloutText;
import dev.weir.client.CommandAnswer;
import dev.weir.client.RolloutVerb;
import dev.weir.model.Evidence;
import dev.weir.model.Replayed;
import dev.weir.model.Rollout;
import dev.weir.model.codec.Json;
import dev.weir.model.codec.Manifests;
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

/// `weir rollout ...`: the live release of a Service, or its last one.
final class RolloutCommands {
  private RolloutCommands() {}

  static CommandLine of(Session session) {
    CommandLine group = Groups.group("rollout", "Follow and steer the releases of a Service.");
    group.addSubcommand(new Status(session));
    group.addSubcommand(new WatchIt(session));
    group.addSubcommand(verb(session, RolloutVerb.PAUSE, "Hold the rollout where it is."));
    group.addSubcommand(verb(session, RolloutVerb.RESUME, "Let a paused rollout go on."));
    group.addSubcommand(
        verb(
            session,
            RolloutVerb.PROMOTE,
            "Go on without further proof: to the next step, or all the way after the last one."));
    group.addSubcommand(new Abort(session));
    group.addSubcommand(new Undo(session));
    group.addSubcommand(verb(session, RolloutVerb.RETRY, "Try a reverted release again."));
    group.addSubcommand(new OverrideIt(session));
    group.addSubcommand(new History(session));
    group.addSubcommand(new Explain(session));
    return group;
  }

  private static CommandLine verb(Session session, RolloutVerb verb, String description) {
    CommandLine line = new CommandLine(new Verb(session, verb));
    CommandSpec spec = line.getCommandSpec().name(verb.text());
    spec.usageMessage().description(description);
    return line;
  }

  @Command(name = "status", description = "Tell how far the rollout is.")
  private static final class Status implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "SERVICE")
    private String service = "";

    @Option(names = "--number", paramLabel = "N", description = "an earlier one: SERVICE-N")
    private Optional<Integer> number = Optional.empty();

    @Option(
        names = "--wait",
        description = "until it ends: 0 completed, 3 reverted or superseded, 4 paused")
    private boolean wait;

    @Option(names = "--timeout", paramLabel = "TIME", description = "of --wait (default 24h)")
    private String timeout = "24h";

    Status(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
      Format format = session.format();
      Duration atMost = Limit.of("--timeout", timeout);
      if (wait && number.isPresent()) {
        throw CliException.usage("--wait is for the latest rollout, not for --number");
      }
      Rollout rollout = wait ? ended(atMost) : chosen(session, service, number);
      if (format.document()) {
        session.document(Manifests.toTree(rollout));
      } else {
        session.text(RolloutText.status(rollout, session.now(), session.style()));
      }
      return wait ? Exit.of(rollout.status().phase()) : Exit.OK;
    }

    private Rollout ended(Duration atMost) throws InterruptedException {
      try (StatusLine progress = new StatusLine(session.io().err(), session.io().terminal())) {
        return new ReleaseWait(session, progress).rollout(service, atMost, timeout, true);
      }
    }
  }

  private static Rollout chosen(Session session, String service, Optional<Integer> number) {
    Releases releases = new Releases(session);
    return number.map(n -> releases.numbered(service, n)).orElseGet(() -> releases.latest(service));
  }

  @Command(
      name = "watch",
      description = "Follow the rollout to its end: 0 completed, 3 reverted, 4 paused.")
  private static final class WatchIt implements Callable<Integer> {
    private static final String LIMIT = "30d";

    private final Session session;

    @Parameters(paramLabel = "SERVICE")
    private String service = "";

    WatchIt(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
      Format format = session.format();
      CliIo io = session.io();
      Rollout rollout;
      try (StatusLine progress =
          new StatusLine(format.document() ? io.err() : io.out(), io.terminal())) {
        rollout =
            new ReleaseWait(session, progress).rollout(service, Limit.of("", LIMIT), LIMIT, true);
      }
      if (format.document()) {
        session.document(Manifests.toTree(rollout));
      } else {
        session.text(RolloutText.status(rollout, session.now(), session.style()));
      }
      return Exit.of(rollout.status().phase());
    }
  }

  /// `pause`, `resume`, `promote`, `retry`.
  @Command
  private static final class Verb implements Callable<Integer> {
    private final Session session;
    private final RolloutVerb verb;

    @Parameters(paramLabel = "SERVICE")
    private String service = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the audit log")
    private String reason = "";

    Verb(Session session, RolloutVerb verb) {
      this.session = session;
      this.verb = verb;
    }

    @Override
    public Integer call() {
      session.format();
      Rollout rollout = new Releases(session).latest(service);
      String name = rollout.metadata().name();
      return told(session, name, session.client().rollout(verb, session.namespace(), name, reason));
    }
  }

  @Command(name = "abort", description = "Put the old version back.")
  private static final class Abort implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "SERVICE")
    private String service = "";

    @Option(
        names = "--now",
        description =
            "break the glass: even if nothing answers to go back to; pages, needs --reason")
    private boolean now;

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the audit log")
    private String reason = "";

    Abort(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      session.format();
      if (now) {
        mandatory(reason);
      }
      String name = new Releases(session).latest(service).metadata().name();
      return told(
          session,
          name,
          now
              ? session.client().abortNow(session.namespace(), name, reason)
              : session.client().rollout(RolloutVerb.ABORT, session.namespace(), name, reason));
    }
  }

  @Command(
      name = "override",
      description = "Let freezes, limits and order hold the rollout no more; pages.")
  private static final class OverrideIt implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "SERVICE")
    private String service = "";

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        required = true,
        description = "why, for the audit log and everybody who is paged")
    private String reason = "";

    @Option(
        names = "--until",
        paramLabel = "TIME",
        description = "for so long, such as 2h; else until the rollout ends")
    private Optional<String> until = Optional.empty();

    OverrideIt(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      session.format();
      mandatory(reason);
      Optional<Duration> lasts = until.map(text -> Limit.of("--until", text));
      String name = new Releases(session).latest(service).metadata().name();
      return told(
          session, name, session.client().override(session.namespace(), name, reason, lasts));
    }
  }

  private static void mandatory(String reason) {
    if (reason.isBlank()) {
      throw CliException.usage("--reason is wanted here, and told to everybody: say why");
    }
  }

  @Command(name = "undo", description = "Put back a version that served before.")
  private static final class Undo implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "SERVICE")
    private String service = "";

    @Option(
        names = "--to",
        paramLabel = "MODEL@VERSION",
        description = "one that served before; without it the last that did")
    private Optional<String> to = Optional.empty();

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the audit log")
    private String reason = "";

    Undo(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      session.format();
      return told(
          session, service, session.client().rollback(session.namespace(), service, to, reason));
    }
  }

  private static int told(Session session, String name, CommandAnswer answer) {
    if (session.format().document()) {
      session.document(Json.tree(answer));
    } else {
      session.line(name + ": " + Clean.line(answer.message()));
    }
    return Exit.OK;
  }

  @Command(name = "history", description = "List all rollouts of a Service, oldest first.")
  private static final class History implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "SERVICE")
    private String service = "";

    History(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      Format format = session.format();
      Releases releases = new Releases(session);
      List<Rollout> rollouts = releases.all(releases.service(service).metadata().name());
      if (format.document()) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        rollouts.forEach(rollout -> array.add(Manifests.toTree(rollout)));
        session.document(GetCommand.items(array));
      } else if (rollouts.isEmpty()) {
        session.note("none yet");
      } else {
        session.text(RolloutText.table(rollouts).render(session.style()));
      }
      return Exit.OK;
    }
  }

  @Command(name = "explain", description = "Show what each decision was made from.")
  private static final class Explain implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "SERVICE")
    private String service = "";

    @Option(names = "--number", paramLabel = "N", description = "an earlier one: SERVICE-N")
    private Optional<Integer> number = Optional.empty();

    @Option(
        names = "--replay",
        description = "make each decision again from its stored numbers; ends 2 if one differs")
    private boolean replay;

    Explain(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      Format format = session.format();
      Rollout rollout = chosen(session, service, number);
      if (replay) {
        return replay(rollout, format);
      }
      List<Evidence> evidence =
          session.client().evidence(session.namespace(), rollout.metadata().name());
      if (format.document()) {
        session.document(GetCommand.items(Json.array(evidence)));
      } else {
        session.text(ExplainText.of(rollout, evidence, session.style()));
      }
      return Exit.OK;
    }

    private int replay(Rollout rollout, Format format) {
      List<Replayed> decisions =
          session.client().replay(session.namespace(), rollout.metadata().name());
      if (format.document()) {
        session.document(GetCommand.items(Json.array(decisions)));
      } else {
        session.text(ReplayText.of(decisions, session.style()));
      }
      boolean differs =
          decisions.stream()
              .map(Replayed::outcome)
              .anyMatch(o -> o == Replayed.Outcome.ANOTHER || o == Replayed.Outcome.UNREADABLE);
      return differs ? Exit.CHANGES : Exit.OK;
    }
  }
}
