// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import dev.weir.model.ReplicaName;
import dev.weir.model.ReplicaState;
import dev.weir.runtime.ObservedReplica;
import dev.weir.runtime.lifecycle.Phase.Ending;
import dev.weir.runtime.lifecycle.Phase.Stopped;
import dev.weir.runtime.lifecycle.Phase.Then;
import dev.weir.runtime.probe.Health;
import dev.weir.runtime.probe.Probe;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Leads one replica through its life on a thread of its own: asks the machine what to do, does it,
/// tells the machine what came of it. What its owner wants, and the end of the process, interrupt
/// any wait.
final class ReplicaSupervisor implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaSupervisor.class);

  /// How often a process group that is ending is looked at.
  private static final Duration ENDING_POLL = Duration.ofMillis(50);

  /// After the medium failed (a record that could not be written, say).
  private static final Duration AFTER_FAULT = Duration.ofSeconds(1);

  private final ReplicaName name;
  private final String specHash;
  private final Host host;
  private final Probe probe;
  private final ReplicaMachine machine;
  private final Timing timing;
  private final InstantSource clock;
  private final Runnable changed;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition woken = lock.newCondition();
  private Event.@Nullable StopWanted stopWanted;
  private @Nullable String restartWanted;
  private boolean closed;
  private long wakeUps;

  /// What is left although it was killed, to be told with the reason; the supervisor's thread only.
  private String lingering = "";

  private volatile Life life;
  private volatile ObservedReplica observed;

  ReplicaSupervisor(
      Replica replica, Life life, Timing timing, InstantSource clock, Runnable changed) {
    this.name = replica.name();
    this.specHash = replica.specHash();
    this.host = replica.host();
    this.probe = replica.probe();
    this.machine = replica.machine();
    this.timing = timing;
    this.clock = clock;
    this.changed = changed;
    this.life = life;
    this.observed = observation(life);
  }

  ObservedReplica observed() {
    return observed;
  }

  /// Whom to ask about its engine; nobody unless it is ready.
  Optional<EngineWatch.Subject> subject() {
    ObservedReplica now = observed;
    return now.state() == ReplicaState.READY
        ? now.endpoint().map(at -> new EngineWatch.Subject(name, now.launch(), at, probe))
        : Optional.empty();
  }

  boolean stopped() {
    return life.phase() instanceof Stopped;
  }

  void stop(Duration grace) {
    wake(() -> stopWanted = new Event.StopWanted(grace));
  }

  /// @param launch the start that is over; a later one is left alone
  void restart(String launch) {
    wake(() -> restartWanted = launch);
  }

  /// Ends the supervision, not the replica.
  void close() {
    wake(() -> closed = true);
  }

  @Override
  public void run() {
    host.onExit(() -> wake(() -> {}));
    try {
      while (!isClosed() && !stopped()) {
        step();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void step() throws InterruptedException {
    try {
      apply(nextEvent());
    } catch (RuntimeException e) {
      LOG.error("replica supervision failed replica={} error={}", name, e.toString(), e);
      rest(clock.instant().plus(AFTER_FAULT));
    }
  }

  private Event nextEvent() throws InterruptedException {
    Optional<Event> command = takeCommand();
    if (command.isPresent()) {
      return command.get();
    }
    host.tidy();
    if (life.phase().running()) {
      Optional<Exit> exit = host.exit();
      if (exit.isPresent()) {
        return new Event.Ended(exit.get());
      }
    }
    return perform(machine.next(life, clock.instant()));
  }

  private Event perform(Action action) throws InterruptedException {
    return switch (action) {
      case Action.Start _ -> {
        Event event = host.start(life.memory());
        host.onExit(() -> wake(() -> {}));
        yield event;
      }
      case Action.CheckHealth _ ->
          ask(probe::health, health -> new Event.HealthSeen(withProgress(health)));
      case Action.Generate(boolean streaming) ->
          ask(endpoint -> probe.generate(endpoint, streaming), Event.GenerationSeen::new);
      case Action.Signal(boolean kill) -> {
        host.signal(kill);
        yield new Event.Signalled(kill);
      }
      case Action.AwaitGone(Instant until) -> awaitGone(until);
      case Action.Rest(Instant until) -> rest(until);
    };
  }

  /// An engine that does not listen yet often says in its output how far it is.
  private Health withProgress(Health health) {
    String progress = life.phase() instanceof Phase.Starting ? host.progress() : "";
    return health instanceof Health.Down(String reason) && !progress.isEmpty()
        ? new Health.Down(reason + "; its last words: " + progress)
        : health;
  }

  private void apply(Event event) {
    Life before = life;
    Life after = machine.on(before, event, clock.instant());
    if (after.phase() instanceof Stopped) {
      host.forget();
    } else if (!after.memory().equals(before.memory())) {
      host.remember(after.memory());
    }
    life = after;
    ObservedReplica now = observation(after);
    if (!now.equals(observed)) {
      log(now);
      observed = now;
      changed.run();
    }
  }

  private void log(ObservedReplica now) {
    if (now.state() != observed.state()) {
      LOG.info(
          "replica replica={} namespace={} state={} pid={} restarts={} reason=\"{}\"",
          name,
          name.namespace(),
          now.state().text(),
          now.pid().map(String::valueOf).orElse(""),
          now.restarts(),
          now.reason());
    }
  }

  private ObservedReplica observation(Life now) {
    String why =
        now.state() == ReplicaState.READY && now.reason().isEmpty() ? "ready" : now.reason();
    boolean alive = now.phase().running() || now.phase() instanceof Ending(Then.Stop _, _, _, _);
    return new ObservedReplica(
        name,
        specHash,
        now.state(),
        alive ? host.endpoint() : Optional.empty(),
        alive ? host.pid() : Optional.empty(),
        now.restarts(),
        host.launch(),
        now.since(),
        why + lingering);
  }

  // Waiting

  private <T> Event ask(Function<URI, CompletableFuture<T>> question, Function<T, Event> event)
      throws InterruptedException {
    Optional<URI> endpoint = host.endpoint();
    if (endpoint.isEmpty()) {
      return rest(clock.instant().plus(timing.startupProbe()));
    }
    CompletableFuture<T> answer = question.apply(endpoint.get());
    var _ = answer.whenComplete((_, _) -> wake(() -> {}));
    while (!answer.isDone() && !interrupted() && host.exit().isEmpty()) {
      host.tidy();
      waitUntil(clock.instant().plus(timing.liveness()), answer::isDone);
    }
    if (answer.isDone()) {
      return event.apply(answer.join());
    }
    answer.cancel(true);
    return new Event.Woke();
  }

  private Event awaitGone(Instant until) throws InterruptedException {
    while (!host.gone()) {
      if (interrupted()) {
        return new Event.Woke();
      }
      if (!clock.instant().isBefore(until)) {
        return stillThere();
      }
      host.tidy();
      waitUntil(clock.instant().plus(ENDING_POLL), () -> false);
    }
    lingering = "";
    return new Event.Gone();
  }

  private Event stillThere() {
    boolean killed = life.phase() instanceof Ending(_, _, _, boolean wasKilled) && wasKilled;
    String left = host.remains();
    lingering = killed && !left.isEmpty() ? "; SIGKILL has not ended " + left : "";
    return new Event.StillThere();
  }

  /// Never longer than the period in which the end of a process must be noticed.
  private Event rest(Instant until) throws InterruptedException {
    Instant look = clock.instant().plus(timing.liveness());
    waitUntil(until.isBefore(look) ? until : look, () -> false);
    return new Event.Woke();
  }

  private interface Ready {
    boolean yet();
  }

  /// Returns at the time, on any wake-up, or when something is wanted.
  private void waitUntil(Instant until, Ready ready) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long seen = wakeUps;
      long nanos = Duration.between(clock.instant(), until).toNanos();
      while (nanos > 0 && seen == wakeUps && !wantsAttention() && !ready.yet()) {
        nanos = woken.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }

  private void wake(Runnable change) {
    lock.lock();
    try {
      change.run();
      wakeUps++;
      woken.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean wantsAttention() {
    return closed || restartWanted != null || stopWanted != null;
  }

  private boolean interrupted() {
    lock.lock();
    try {
      return wantsAttention();
    } finally {
      lock.unlock();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  private Optional<Event> takeCommand() {
    lock.lock();
    try {
      if (stopWanted != null) {
        Event stop = stopWanted;
        stopWanted = null;
        return Optional.of(stop);
      }
      String launch = restartWanted;
      restartWanted = null;
      return host.launch().equals(launch)
          ? Optional.of(new Event.RestartWanted())
          : Optional.empty();
    } finally {
      lock.unlock();
    }
  }
}
