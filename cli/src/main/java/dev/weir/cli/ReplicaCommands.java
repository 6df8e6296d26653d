// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.session.CommandGroups;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.DurationOption;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.cli.session.Poller;
import dev.weir.cli.session.StatusLine;
import dev.weir.cli.text.TerminalSanitizer;
import dev.weir.client.ReplicaResponse;
import dev.weir.client.ReplicaVerb;
import dev.weir.model.codec.Json;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.view.ReplicaView;
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

/// `weir replica ...`: operates on one replica.
final class ReplicaCommands {
  private static final String FORCE = "--force";
  private static final String NOW = "--now";
  private static final String NO_WAIT = "--no-wait";
  private static final String TIMEOUT = "--timeout";

  private static final List<Order> ORDERS =
      List.of(
          new Order(
              ReplicaVerb.CORDON,
              "Stop routing new requests to a replica; running requests continue.",
              Set.of(FORCE),
              _ -> true),
          new Order(
              ReplicaVerb.UNCORDON,
              "Cancel cordon, drain or restart; route requests to the replica again.",
              Set.of(),
              _ -> true),
          new Order(
              ReplicaVerb.DRAIN,
              "Cordon a replica, wait for its requests, and stop it until uncordon.",
              Set.of(FORCE, NO_WAIT, TIMEOUT),
              view -> view.state() == ReplicaState.STOPPED || view.order().isEmpty()),
          new Order(
              ReplicaVerb.RESTART,
              "Drain a replica, restart it and route requests to it again.",
              Set.of(FORCE, NOW, NO_WAIT, TIMEOUT),
              view -> view.order().isEmpty() && view.state() == ReplicaState.READY));

  private ReplicaCommands() {}

  static CommandLine of(CommandSession session) {
    CommandLine group = CommandGroups.group("replica", "Cordon, drain or restart one replica.");
    ORDERS.forEach(order -> group.addSubcommand(order.command(session)));
    return group;
  }

  /// One operation.
  ///
  /// @param options the options of [Ordering] that it supports besides `--reason`
  /// @param done whether the operation is complete; evaluated only for operations that can be
  ///   waited for
  private record Order(
      ReplicaVerb verb, String description, Set<String> options, Predicate<ReplicaView> done) {
    /// Whether the command can wait for it.
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

  /// The command for one operation, with the options of all operations.
  @Command
  private static final class Ordering implements Callable<Integer> {
    private final CommandSession session;
    private final Order order;

    @Parameters(paramLabel = "NAME", description = "replica name from `weir get replicas`")
    private String name = "";

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        description = "reason, recorded in the audit log")
    private String reason = "";

    @Option(names = FORCE, description = "proceed even if no other replica serves")
    private boolean force;

    @Option(names = NOW, description = "do not wait for running requests")
    private boolean now;

    @Option(
        names = NO_WAIT,
        description = "return at once; the operation continues in the background")
    private boolean noWait;

    @Option(names = TIMEOUT, paramLabel = "TIME", description = "timeout of the wait (default 1h)")
    private String timeout = "1h";

    Ordering(CommandSession session, Order order) {
      this.session = session;
      this.order = order;
    }

    @Override
    public Integer call() throws InterruptedException {
      OutputFormat format = session.format();
      Duration maxWait = DurationOption.of(TIMEOUT, timeout);
      ReplicaResponse response =
          session.client().replica(order.verb(), session.namespace(), name, now, force, reason);
      if (!format.document()) {
        session.line(TerminalSanitizer.line(response.message()));
      }
      Optional<ReplicaView> after =
          order.lasts() && !noWait ? Optional.of(waited(maxWait)) : Optional.empty();
      if (format.document()) {
        session.document(
            Json.tree(new ReplicaResponse(response.message(), after.or(response::replica))));
      } else {
        after.ifPresent(view -> session.line(name + " " + shown(view)));
      }
      return ExitStatus.OK;
    }

    /// Waits for the operation and returns the replica.
    private ReplicaView waited(Duration maxWait) throws InterruptedException {
      try (StatusLine progress = new StatusLine(session.io().err(), session.io().terminal())) {
        return new Poller(session, maxWait, timeout)
            .until(() -> look(progress).filter(order.done()), () -> name + " is not done yet");
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
