// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.text.TerminalSanitizer;
import dev.weir.client.ReplicaResponse;
import dev.weir.client.ReplicaVerb;
import dev.weir.model.ReplicaState;
import dev.weir.model.ReplicaView;
import dev.weir.model.codec.Json;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `weir replica ...`: orders about one replica.
final class ReplicaCommands {
  private static final String FORCE = "--force";
  private static final String NOW = "--now";
  private static final String NO_WAIT = "--no-wait";
  private static final String TIMEOUT = "--timeout";

  private static final List<Order> ORDERS =
      List.of(
          new Order(
              ReplicaVerb.CORDON,
              "Stop new requests to the replica; running requests continue.",
              Set.of(FORCE),
              _ -> true),
          new Order(
              ReplicaVerb.UNCORDON,
              "Take an order back: it gets requests again.",
              Set.of(),
              _ -> true),
          new Order(
              ReplicaVerb.DRAIN,
              "Cordon it, wait for what runs there, stop it until it is uncordoned.",
              Set.of(FORCE, NO_WAIT, TIMEOUT),
              view -> view.state() == ReplicaState.STOPPED || view.order().isEmpty()),
          new Order(
              ReplicaVerb.RESTART,
              "Drain the replica, restart it and return it to routing.",
              Set.of(FORCE, NOW, NO_WAIT, TIMEOUT),
              view -> view.order().isEmpty() && view.state() == ReplicaState.READY));

  private ReplicaCommands() {}

  static CommandLine of(CommandSession session) {
    CommandLine group =
        CommandGroups.group("replica", "Take one replica out of service, or restart it.");
    ORDERS.forEach(order -> group.addSubcommand(order.command(session)));
    return group;
  }

  /// What sets one order apart from the others.
  ///
  /// @param options those of [Ordering] that it takes beside `--reason`
  /// @param done whether it is carried out; asked only of orders that can be waited for
  private record Order(
      ReplicaVerb verb, String description, Set<String> options, Predicate<ReplicaView> done) {
    /// Whether it takes time.
    boolean lasts() {
      return options.contains(NO_WAIT);
    }

    CommandLine command(CommandSession session) {
      CommandSpec spec = CommandSpec.forAnnotatedObject(new Ordering(session, this));
      spec.name(verb.text()).usageMessage().description(description);
      for (String option : List.of(FORCE, NOW, NO_WAIT, TIMEOUT)) {
        if (!options.contains(option)) {
          spec.remove(spec.findOption(option));
        }
      }
      return new CommandLine(spec);
    }
  }

  /// One order, with every option that any of them takes.
  @Command
  private static final class Ordering implements Callable<Integer> {
    private final CommandSession session;
    private final Order order;

    @Parameters(paramLabel = "NAME", description = "as `weir get replicas` names it")
    private String name = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the audit log")
    private String reason = "";

    @Option(names = FORCE, description = "even if nothing is left that serves")
    private boolean force;

    @Option(names = NOW, description = "do not wait for what runs there")
    private boolean now;

    @Option(
        names = NO_WAIT,
        description = "return at once; the operation continues in the background")
    private boolean noWait;

    @Option(names = TIMEOUT, paramLabel = "TIME", description = "of the wait (default 1h)")
    private String timeout = "1h";

    Ordering(CommandSession session, Order order) {
      this.session = session;
      this.order = order;
    }

    @Override
    public Integer call() throws InterruptedException {
      OutputFormat format = session.format();
      Duration atMost = DurationOption.of(TIMEOUT, timeout);
      ReplicaResponse answer =
          session.client().replica(order.verb(), session.namespace(), name, now, force, reason);
      if (!format.document()) {
        session.line(TerminalSanitizer.line(answer.message()));
      }
      Optional<ReplicaView> after =
          order.lasts() && !noWait ? Optional.of(waited(atMost)) : Optional.empty();
      if (format.document()) {
        session.document(
            Json.tree(new ReplicaResponse(answer.message(), after.or(answer::replica))));
      } else {
        after.ifPresent(view -> session.line(name + " " + shown(view)));
      }
      return ExitStatus.OK;
    }

    /// The replica as it stands when what was ordered is so.
    private ReplicaView waited(Duration atMost) throws InterruptedException {
      try (StatusLine progress = new StatusLine(session.io().err(), session.io().terminal())) {
        return new Poller(session, atMost, timeout)
            .until(() -> look(progress).filter(order.done()), () -> name + " is not there yet");
      }
    }

    private Optional<ReplicaView> look(StatusLine progress) {
      Optional<ReplicaView> found =
          session.client().replicas().stream()
              .filter(view -> view.namespace().equals(session.namespace()))
              .filter(view -> view.name().equals(name))
              .findFirst();
      found.ifPresent(view ->
          progress.show(
              name + " " + view.state().text() + ": " + TerminalSanitizer.line(view.reason())));
      return found;
    }

    private String shown(ReplicaView view) {
      return session.style().state(view.state().text())
          + (view.reason().isEmpty() ? "" : ": " + TerminalSanitizer.line(view.reason()));
    }
  }
}
