// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.text.Clean;
import dev.weir.client.ReplicaAnswer;
import dev.weir.client.ReplicaVerb;
import dev.weir.model.ReplicaState;
import dev.weir.model.ReplicaView;
import dev.weir.model.codec.Json;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `weir replica ...`: orders about one replica.
final class ReplicaCommands {
  private ReplicaCommands() {}

  static CommandLine of(Session session) {
    CommandLine group = Groups.group("replica", "Take one replica out of service, or restart it.");
    group.addSubcommand(new Cordon(session));
    group.addSubcommand(new Uncordon(session));
    group.addSubcommand(new Drain(session));
    group.addSubcommand(new Restart(session));
    return group;
  }

  /// What all orders have in common.
  private abstract static class Ordering implements Callable<Integer> {
    final Session session;
    private final ReplicaVerb verb;

    @Parameters(paramLabel = "NAME", description = "as `weir get replicas` names it")
    String name = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the audit log")
    private String reason = "";

    Ordering(Session session, ReplicaVerb verb) {
      this.session = session;
      this.verb = verb;
    }

    abstract boolean force();

    abstract boolean now();

    /// Waits for what was ordered, where that takes time.
    ///
    /// @return the replica as it stands then; empty where nothing was waited for
    abstract Optional<ReplicaView> waited() throws InterruptedException;

    @Override
    public Integer call() throws InterruptedException {
      Format format = session.format();
      ReplicaAnswer answer =
          session.client().replica(verb, session.namespace(), name, now(), force(), reason);
      if (!format.document()) {
        session.line(Clean.line(answer.message()));
      }
      Optional<ReplicaView> after = waited();
      if (format.document()) {
        session.document(Json.tree(new ReplicaAnswer(answer.message(), after.or(answer::replica))));
      } else {
        after.ifPresent(view -> session.line(name + " " + shown(view)));
      }
      return Exit.OK;
    }

    private String shown(ReplicaView view) {
      return session.style().state(view.state().text())
          + (view.reason().isEmpty() ? "" : ": " + Clean.line(view.reason()));
    }
  }

  @Command(name = "cordon", description = "Give it no new requests; what runs there goes on.")
  private static final class Cordon extends Ordering {
    @Option(names = "--force", description = "even if nothing is left that serves")
    private boolean force;

    Cordon(Session session) {
      super(session, ReplicaVerb.CORDON);
    }

    @Override
    boolean force() {
      return force;
    }

    @Override
    boolean now() {
      return false;
    }

    @Override
    Optional<ReplicaView> waited() {
      return Optional.empty();
    }
  }

  @Command(name = "uncordon", description = "Take an order back: it gets requests again.")
  private static final class Uncordon extends Ordering {
    Uncordon(Session session) {
      super(session, ReplicaVerb.UNCORDON);
    }

    @Override
    boolean force() {
      return false;
    }

    @Override
    boolean now() {
      return false;
    }

    @Override
    Optional<ReplicaView> waited() {
      return Optional.empty();
    }
  }

  /// Orders that take time.
  private abstract static class Lasting extends Ordering {
    @Option(names = "--force", description = "even if nothing is left that serves")
    private boolean force;

    @Option(names = "--no-wait", description = "return at once; it goes on without you")
    private boolean noWait;

    @Option(names = "--timeout", paramLabel = "TIME", description = "of the wait (default 1h)")
    private String timeout = "1h";

    Lasting(Session session, ReplicaVerb verb) {
      super(session, verb);
    }

    /// Whether it is so.
    abstract boolean done(ReplicaView view);

    @Override
    boolean force() {
      return force;
    }

    @Override
    Optional<ReplicaView> waited() throws InterruptedException {
      if (noWait) {
        return Optional.empty();
      }
      Duration atMost = Limit.of("--timeout", timeout);
      try (StatusLine progress = new StatusLine(session.io().err(), session.io().terminal())) {
        return Optional.of(
            new Waiting(session, atMost, timeout)
                .until(() -> look(progress).filter(this::done), () -> name + " is not there yet"));
      }
    }

    private Optional<ReplicaView> look(StatusLine progress) {
      Optional<ReplicaView> found =
          session.client().replicas().stream()
              .filter(view -> view.namespace().equals(session.namespace()))
              .filter(view -> view.name().equals(name))
              .findFirst();
      found.ifPresent(view ->
          progress.show(name + " " + view.state().text() + ": " + Clean.line(view.reason())));
      return found;
    }
  }

  @Command(
      name = "drain",
      description = "Cordon it, wait for what runs there, stop it until it is uncordoned.")
  private static final class Drain extends Lasting {
    Drain(Session session) {
      super(session, ReplicaVerb.DRAIN);
    }

    @Override
    boolean now() {
      return false;
    }

    @Override
    boolean done(ReplicaView view) {
      return view.state() == ReplicaState.STOPPED || view.order().isEmpty();
    }
  }

  @Command(name = "restart", description = "Drain it, start it anew, put it back in routing.")
  private static final class Restart extends Lasting {
    @Option(names = "--now", description = "do not wait for what runs there")
    private boolean now;

    Restart(Session session) {
      super(session, ReplicaVerb.RESTART);
    }

    @Override
    boolean now() {
      return now;
    }

    @Override
    boolean done(ReplicaView view) {
      return view.order().isEmpty() && view.state() == ReplicaState.READY;
    }
  }
}
