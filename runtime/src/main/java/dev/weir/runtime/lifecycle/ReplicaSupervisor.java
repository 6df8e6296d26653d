// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.ReplicaName;
import dev.weir.runtime.ObservedReplica;
import dev.weir.runtime.lifecycle.LifecyclePhase.Ending;
import dev.weir.runtime.lifecycle.LifecyclePhase.Stopped;
import dev.weir.runtime.lifecycle.LifecyclePhase.Then;
import dev.weir.runtime.probe.HealthResult;
import dev.weir.runtime.probe.ReplicaProbe;
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

/// Runs the lifecycle of one replica on its own thread: gets an action from the state machine,
/// executes it and applies the result. Commands of the owner and the end of the process interrupt
/// any wait.
final class ReplicaSupervisor implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaSupervisor.class);

  /// Interval of checks of a process group that is being stopped.
  private static final Duration ENDING_POLL = Duration.ofMillis(50);

  /// Pause after a failure, for example of a write of the record.
  private static final Duration AFTER_FAULT = Duration.ofSeconds(1);

  private final ReplicaName name;
  private final String specHash;
  private final ReplicaHost host;
  private final ReplicaProbe probe;
  private final ReplicaMachine machine;
  private final LifecycleTiming timing;
  private final InstantSource clock;
  private final Runnable changed;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition woken = lock.newCondition();
  private LifecycleEvent.@Nullable StopWanted stopWanted;
  private @Nullable String restartWanted;
  private boolean closed;
  private long wakeUps;

  /// Processes that survived SIGKILL, added to the reason. Used only by the supervisor's thread.
  private String lingering = "";

  private volatile ReplicaLifecycle lifecycle;
  private volatile ObservedReplica observed;

  ReplicaSupervisor(
      ReplicaParts replica,
      ReplicaLifecycle lifecycle,
      LifecycleTiming timing,
      InstantSource clock,
      Runnable changed) {
    this.name = replica.name();
    this.specHash = replica.specHash();
    this.host = replica.host();
    this.probe = replica.probe();
    this.machine = replica.machine();
    this.timing = timing;
    this.clock = clock;
    this.changed = changed;
    this.lifecycle = lifecycle;
    this.observed = observation(lifecycle);
  }

  ObservedReplica observed() {
    return observed;
  }

  /// The subject of engine inspections; empty unless the replica is ready.
  Optional<EngineWatch.Subject> subject() {
    ObservedReplica now = observed;
    return now.state() == ReplicaState.READY
        ? now.endpoint().map(at -> new EngineWatch.Subject(name, now.launch(), at, probe))
        : Optional.empty();
  }

  boolean stopped() {
    return lifecycle.phase() instanceof Stopped;
  }

  void stop(Duration grace) {
    wake(() -> stopWanted = new LifecycleEvent.StopWanted(grace));
  }

  /// @param launch the start to replace; a later start is not affected
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
      LOG.atError()
          .addKeyValue("event", "replica.supervision.failed")
          .addKeyValue("replica", name)
          .setCause(e)
          .log("The supervision of a replica failed and continues after a pause");
      rest(clock.instant().plus(AFTER_FAULT));
    }
  }

  private LifecycleEvent nextEvent() throws InterruptedException {
    Optional<LifecycleEvent> command = takeCommand();
    if (command.isPresent()) {
      return command.get();
    }
    host.doMaintenance();
    if (lifecycle.phase().running()) {
      Optional<ProcessExit> exit = host.exit();
      if (exit.isPresent()) {
        return new LifecycleEvent.Ended(exit.get());
      }
    }
    return perform(machine.next(lifecycle, clock.instant()));
  }

  private LifecycleEvent perform(LifecycleAction action) throws InterruptedException {
    return switch (action) {
      case LifecycleAction.Start _ -> {
        LifecycleEvent event = host.start(lifecycle.memory());
        host.onExit(() -> wake(() -> {}));
        yield event;
      }
      case LifecycleAction.CheckHealth _ ->
          ask(probe::health, health -> new LifecycleEvent.HealthSeen(withProgress(health)));
      case LifecycleAction.Generate(boolean streaming) ->
          ask(endpoint -> probe.generate(endpoint, streaming), LifecycleEvent.GenerationSeen::new);
      case LifecycleAction.Signal(boolean kill) -> {
        host.signal(kill);
        yield new LifecycleEvent.Signalled(kill);
      }
      case LifecycleAction.AwaitGone(Instant until) -> awaitGone(until);
      case LifecycleAction.Rest(Instant until) -> rest(until);
    };
  }

  /// Adds the last output line, because an engine that does not listen yet often logs its progress.
  private HealthResult withProgress(HealthResult health) {
    String progress = lifecycle.phase() instanceof LifecyclePhase.Starting ? host.progress() : "";
    return health instanceof HealthResult.Down(String reason) && !progress.isEmpty()
        ? new HealthResult.Down(reason + "; last output: " + progress)
        : health;
  }

  private void apply(LifecycleEvent event) {
    ReplicaLifecycle before = lifecycle;
    ReplicaLifecycle after = machine.on(before, event, clock.instant());
    if (after.phase() instanceof Stopped) {
      host.removeState();
    } else if (!after.memory().equals(before.memory())) {
      host.saveState(after.memory());
    }
    lifecycle = after;
    ObservedReplica now = observation(after);
    if (!now.equals(observed)) {
      log(now);
      observed = now;
      changed.run();
    }
  }

  private void log(ObservedReplica now) {
    if (now.state() != observed.state()) {
      LOG.atInfo()
          .addKeyValue("event", "replica.changed")
          .addKeyValue("replica", name)
          .addKeyValue("namespace", name.namespace())
          .addKeyValue("state", now.state().text())
          .addKeyValue("pid", now.pid().map(String::valueOf).orElse(""))
          .addKeyValue("restarts", now.restarts())
          .addKeyValue("reason", now.reason())
          .log("A replica changed its state");
    }
  }

  private ObservedReplica observation(ReplicaLifecycle now) {
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

  // Waits

  private <T> LifecycleEvent ask(
      Function<URI, CompletableFuture<T>> question, Function<T, LifecycleEvent> event)
      throws InterruptedException {
    Optional<URI> endpoint = host.endpoint();
    if (endpoint.isEmpty()) {
      return rest(clock.instant().plus(timing.startupProbe()));
    }
    CompletableFuture<T> answer = question.apply(endpoint.get());
    var _ = answer.whenComplete((_, _) -> wake(() -> {}));
    while (!answer.isDone() && !interrupted() && host.exit().isEmpty()) {
      host.doMaintenance();
      waitUntil(clock.instant().plus(timing.liveness()), answer::isDone);
    }
    if (answer.isDone()) {
      return event.apply(answer.join());
    }
    answer.cancel(true);
    return new LifecycleEvent.Woke();
  }

  private LifecycleEvent awaitGone(Instant until) throws InterruptedException {
    while (!host.gone()) {
      if (interrupted()) {
        return new LifecycleEvent.Woke();
      }
      if (!clock.instant().isBefore(until)) {
        return stillThere();
      }
      host.doMaintenance();
      waitUntil(clock.instant().plus(ENDING_POLL), () -> false);
    }
    lingering = "";
    return new LifecycleEvent.Gone();
  }

  private LifecycleEvent stillThere() {
    boolean killed = lifecycle.phase() instanceof Ending(_, _, _, boolean wasKilled) && wasKilled;
    String left = host.remains();
    lingering = killed && !left.isEmpty() ? "; SIGKILL has not ended " + left : "";
    return new LifecycleEvent.StillThere();
  }

  /// Limited by the interval within which the end of a process must be detected.
  private LifecycleEvent rest(Instant until) throws InterruptedException {
    Instant nextCheck = clock.instant().plus(timing.liveness());
    waitUntil(until.isBefore(nextCheck) ? until : nextCheck, () -> false);
    return new LifecycleEvent.Woke();
  }

  private interface Ready {
    boolean isReady();
  }

  /// Returns at the given time, on a wake-up, or when a command is pending.
  private void waitUntil(Instant until, Ready ready) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long startWakeUps = wakeUps;
      long nanos = Duration.between(clock.instant(), until).toNanos();
      while (nanos > 0 && startWakeUps == wakeUps && !hasPendingEvents() && !ready.isReady()) {
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

  private boolean hasPendingEvents() {
    return closed || restartWanted != null || stopWanted != null;
  }

  private boolean interrupted() {
    lock.lock();
    try {
      return hasPendingEvents();
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

  private Optional<LifecycleEvent> takeCommand() {
    lock.lock();
    try {
      if (stopWanted != null) {
        LifecycleEvent stop = stopWanted;
        stopWanted = null;
        return Optional.of(stop);
      }
      String launch = restartWanted;
      restartWanted = null;
      return host.launch().equals(launch)
          ? Optional.of(new LifecycleEvent.RestartWanted())
          : Optional.empty();
    } finally {
      lock.unlock();
    }
  }
}
