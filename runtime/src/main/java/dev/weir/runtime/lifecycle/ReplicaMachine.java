// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import dev.weir.runtime.lifecycle.LifecyclePhase.BackOff;
import dev.weir.runtime.lifecycle.LifecyclePhase.Ending;
import dev.weir.runtime.lifecycle.LifecyclePhase.Failed;
import dev.weir.runtime.lifecycle.LifecyclePhase.Pending;
import dev.weir.runtime.lifecycle.LifecyclePhase.Ready;
import dev.weir.runtime.lifecycle.LifecyclePhase.Starting;
import dev.weir.runtime.lifecycle.LifecyclePhase.Stopped;
import dev.weir.runtime.lifecycle.LifecyclePhase.Then;
import dev.weir.runtime.lifecycle.LifecyclePhase.Unready;
import dev.weir.runtime.lifecycle.LifecyclePhase.Warming;
import dev.weir.runtime.probe.GenerationResult;
import dev.weir.runtime.probe.HealthResult;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/// A replica's lifecycle as a pure state machine: `next` returns the next action, `on` applies an
/// event.
///
/// Pending -> Starting -> Warming -> Ready <-> Unready. A crash leads through Ending (the rest of
/// the process group is killed) to BackOff and Pending, or to Failed. A stop leads from any phase
/// through Ending to Stopped. Only a successful generation leads to Ready.
public final class ReplicaMachine {
  /// Port conflicts up to this number do not count as crashes.
  private static final int MAX_PORT_CONFLICTS = 5;

  /// Interval of checks of a process group that has not ended after SIGKILL.
  private static final Duration RECHECK = Duration.ofSeconds(1);

  private static final Duration FOREVER = Duration.ofDays(3650);

  private final Duration startupTimeout;
  private final int warmUpRequests;
  private final LifecycleTiming timing;

  /// @param startupTimeout from the start to the first successful generation
  /// @param warmUpRequests 0 or more
  public ReplicaMachine(Duration startupTimeout, int warmUpRequests, LifecycleTiming timing) {
    this.startupTimeout = startupTimeout;
    this.warmUpRequests = warmUpRequests;
    this.timing = timing;
  }

  public LifecycleAction next(ReplicaLifecycle lifecycle, Instant now) {
    return switch (lifecycle.phase()) {
      case Pending _ -> new LifecycleAction.Start();
      case Starting s when now.isBefore(s.nextProbe()) -> new LifecycleAction.Rest(s.nextProbe());
      case Starting s ->
          s.healthy() ? new LifecycleAction.Generate(false) : new LifecycleAction.CheckHealth();
      case Warming w when now.isBefore(w.nextProbe()) -> new LifecycleAction.Rest(w.nextProbe());
      case Warming w -> new LifecycleAction.Generate(w.done() % 2 == 0);
      case Ready r when !now.isBefore(r.nextGeneration()) -> new LifecycleAction.Generate(false);
      case Ready r when !now.isBefore(r.nextHealth()) -> new LifecycleAction.CheckHealth();
      case Ready r -> new LifecycleAction.Rest(earlier(r.nextHealth(), r.nextGeneration()));
      case Unready u when now.isBefore(u.nextProbe()) -> new LifecycleAction.Rest(u.nextProbe());
      case Unready _ -> new LifecycleAction.Generate(false);
      case BackOff b -> new LifecycleAction.Rest(b.until());
      case Ending e -> ending(e, now);
      case Failed _, Stopped _ -> new LifecycleAction.Rest(now.plus(FOREVER));
    };
  }

  private static LifecycleAction ending(Ending e, Instant now) {
    if (!e.killed() && !now.isBefore(e.killAt())) {
      return new LifecycleAction.Signal(true);
    }
    if (!e.asked()) {
      return new LifecycleAction.Signal(false);
    }
    return new LifecycleAction.AwaitGone(e.killed() ? now.plus(RECHECK) : e.killAt());
  }

  public ReplicaLifecycle on(ReplicaLifecycle lifecycle, LifecycleEvent event, Instant now) {
    return switch (event) {
      case LifecycleEvent.StopWanted stop -> stop(lifecycle, stop.grace(), now);
      case LifecycleEvent.RestartWanted _ -> restart(lifecycle, now);
      case LifecycleEvent.Started started ->
          lifecycle.phase() instanceof Pending
              ? lifecycle.withAnswered(false).to(new Starting(now, false, now), started.how(), now)
              : lifecycle;
      case LifecycleEvent.StartFailed failed when lifecycle.phase() instanceof Pending ->
          failed.forGood()
              ? lifecycle.to(new Failed(), failed.reason(), now)
              : crashed(lifecycle, failed.reason(), now);
      case LifecycleEvent.StartFailed _ -> lifecycle;
      case LifecycleEvent.StartHindered hindered when lifecycle.phase() instanceof Pending ->
          lifecycle.to(new BackOff(now.plus(timing.firstBackOff())), hindered.reason(), now);
      case LifecycleEvent.StartHindered _ -> lifecycle;
      case LifecycleEvent.LeftoversFound found when lifecycle.phase() instanceof Pending ->
          lifecycle.to(new Ending(new Then.StartAgain(), now, true, true), found.reason(), now);
      case LifecycleEvent.LeftoversFound _ -> lifecycle;
      case LifecycleEvent.Ended ended ->
          lifecycle.phase().running() ? ended(lifecycle, ended.exit(), now) : lifecycle;
      case LifecycleEvent.HealthSeen seen -> expire(health(lifecycle, seen.health(), now), now);
      case LifecycleEvent.GenerationSeen seen ->
          expire(generation(lifecycle, seen.generation(), now), now);
      case LifecycleEvent.Signalled sent -> signalled(lifecycle, sent.kill(), now);
      case LifecycleEvent.StillThere _ ->
          lifecycle.phase() instanceof Ending e ? killAgain(lifecycle, e, now) : lifecycle;
      case LifecycleEvent.Gone _ ->
          lifecycle.phase() instanceof Ending e ? gone(lifecycle, e.then(), now) : lifecycle;
      case LifecycleEvent.Woke _ -> expire(lifecycle, now);
    };
  }

  // Commands of the owner

  private static ReplicaLifecycle stop(ReplicaLifecycle lifecycle, Duration grace, Instant now) {
    return switch (lifecycle.phase()) {
      case Stopped _ -> lifecycle;
      case Ending(Then.Stop then, Instant killAt, boolean asked, boolean killed) ->
          lifecycle.to(
              new Ending(then, earlier(killAt, now.plus(grace)), asked, killed),
              lifecycle.reason(),
              now);
      default ->
          lifecycle.to(new Ending(new Then.Stop(), now.plus(grace), false, false), "stopping", now);
    };
  }

  /// A requested restart is not a crash and clears the previous crashes.
  private static ReplicaLifecycle restart(ReplicaLifecycle lifecycle, Instant now) {
    return switch (lifecycle.phase()) {
      case Stopped _, Ending(Then.Stop _, _, _, _) -> lifecycle;
      default ->
          lifecycle
              .withCrashes(lifecycle.restarts(), List.of())
              .to(kill(new Then.StartAgain(), now), "restart requested", now);
    };
  }

  // Process ends

  private ReplicaLifecycle ended(ReplicaLifecycle lifecycle, ProcessExit exit, Instant now) {
    boolean starting = lifecycle.phase() instanceof Starting;
    if (starting && exit.portTaken() && lifecycle.portConflicts() < MAX_PORT_CONFLICTS) {
      return lifecycle
          .withPortConflicts(lifecycle.portConflicts() + 1)
          .to(kill(new Then.StartAgain(), now), "port in use; trying another", now);
    }
    return crashed(lifecycle, exit.describe(), now);
  }

  private ReplicaLifecycle crashed(ReplicaLifecycle lifecycle, String how, Instant now) {
    Instant horizon = now.minus(timing.crashWindow());
    List<Instant> crashes =
        Stream.concat(
                lifecycle.crashes().stream().filter(at -> at.isAfter(horizon)), Stream.of(now))
            .toList();
    ReplicaLifecycle counted = lifecycle.withCrashes(lifecycle.restarts() + 1, crashes);
    if (crashes.size() >= timing.crashLoop()) {
      String reason = "crash loop: " + crashes.size() + " crashes in " + minutes() + "; last: ";
      return counted.to(kill(new Then.GiveUp(), now), reason + how, now);
    }
    Duration wait = backOff(crashes.size());
    return counted.to(kill(new Then.Wait(wait), now), how, now);
  }

  private String minutes() {
    return timing.crashWindow().toMinutes() + " min";
  }

  private Duration backOff(int crashes) {
    Duration wait = timing.firstBackOff().multipliedBy(1L << Math.min(crashes - 1, 20));
    return wait.compareTo(timing.maxBackOff()) < 0 ? wait : timing.maxBackOff();
  }

  private static Ending kill(Then then, Instant now) {
    return new Ending(then, now, true, false);
  }

  private static ReplicaLifecycle signalled(ReplicaLifecycle lifecycle, boolean kill, Instant now) {
    return lifecycle.phase() instanceof Ending e
        ? lifecycle.to(
            new Ending(e.then(), e.killAt(), true, e.killed() || kill), lifecycle.reason(), now)
        : lifecycle;
  }

  /// Repeats SIGKILL, for processes that were forked during the kill or were uninterruptible.
  private static ReplicaLifecycle killAgain(ReplicaLifecycle lifecycle, Ending e, Instant now) {
    return lifecycle.to(
        new Ending(e.then(), e.killAt(), e.asked(), false), lifecycle.reason(), now);
  }

  private static ReplicaLifecycle gone(ReplicaLifecycle lifecycle, Then then, Instant now) {
    return switch (then) {
      case Then.Stop _ -> lifecycle.to(new Stopped(), "stopped", now);
      case Then.StartAgain _ -> lifecycle.to(new Pending(), lifecycle.reason(), now);
      case Then.Wait wait ->
          lifecycle.to(new BackOff(now.plus(wait.backOff())), lifecycle.reason(), now);
      case Then.GiveUp _ -> lifecycle.to(new Failed(), lifecycle.reason(), now);
    };
  }

  /// Applies timeouts.
  private ReplicaLifecycle expire(ReplicaLifecycle lifecycle, Instant now) {
    return switch (lifecycle.phase()) {
      case Starting s when !now.isBefore(s.startedAt().plus(startupTimeout)) ->
          lifecycle.to(
              kill(new Then.GiveUp(), now),
              "no successful generation within "
                  + startupTimeout.toSeconds()
                  + " s (startupTimeout); last state: "
                  + lifecycle.reason(),
              now);
      case Warming w when !now.isBefore(w.until()) ->
          ready(lifecycle, "warm-up ended early after " + w.done() + " of " + warmUpRequests, now);
      case BackOff b when !now.isBefore(b.until()) ->
          lifecycle.to(new Pending(), lifecycle.reason(), now);
      default -> lifecycle;
    };
  }

  // Probe results

  private ReplicaLifecycle health(ReplicaLifecycle lifecycle, HealthResult health, Instant now) {
    return switch (lifecycle.phase()) {
      case Starting s ->
          switch (health) {
            case HealthResult.Up _ ->
                lifecycle.to(
                    new Starting(s.startedAt(), true, now),
                    "healthy; first generation is next",
                    now);
            case HealthResult.Loading loading -> retryStart(lifecycle, s, loading.progress(), now);
            case HealthResult.Down down ->
                retryStart(lifecycle, s, "not responding yet: " + down.reason(), now);
          };
      case Ready r ->
          switch (health) {
            case HealthResult.Up _ ->
                lifecycle.to(new Ready(now.plus(timing.health()), r.nextGeneration(), 0), "", now);
            case HealthResult.Loading loading -> failed(lifecycle, r, loading.progress(), now);
            case HealthResult.Down down -> failed(lifecycle, r, down.reason(), now);
          };
      default -> lifecycle;
    };
  }

  private ReplicaLifecycle retryStart(
      ReplicaLifecycle lifecycle, Starting s, String why, Instant now) {
    return lifecycle.to(
        new Starting(s.startedAt(), false, now.plus(timing.startupProbe())), why, now);
  }

  private ReplicaLifecycle generation(
      ReplicaLifecycle lifecycle, GenerationResult generation, Instant now) {
    return switch (lifecycle.phase()) {
      case Starting s ->
          switch (generation) {
            case GenerationResult.Answered _ -> startWarmUp(lifecycle, now);
            case GenerationResult.Busy busy -> retryStart(lifecycle, s, busy.reason(), now);
            case GenerationResult.Failed failed -> retryStart(lifecycle, s, failed.reason(), now);
          };
      case Warming w ->
          switch (generation) {
            case GenerationResult.Answered _ -> warmed(lifecycle, w, now);
            case GenerationResult.Busy busy ->
                stillWarming(lifecycle, w, w.failures(), busy.reason(), now);
            case GenerationResult.Failed failed ->
                stillWarming(lifecycle, w, w.failures() + 1, failed.reason(), now);
          };
      case Ready r ->
          switch (generation) {
            case GenerationResult.Answered _ -> ready(lifecycle, "", now);
            // It responds, so it is alive; the next generation shows whether it works.
            case GenerationResult.Busy _ ->
                lifecycle.to(
                    new Ready(now.plus(timing.health()), now.plus(timing.generation()), 0),
                    "",
                    now);
            case GenerationResult.Failed failed -> failed(lifecycle, r, failed.reason(), now);
          };
      case Unready _ ->
          switch (generation) {
            case GenerationResult.Answered _ -> ready(lifecycle, "", now);
            case GenerationResult.Busy busy ->
                lifecycle.to(new Unready(now.plus(timing.retry())), busy.reason(), now);
            case GenerationResult.Failed failed ->
                lifecycle.to(new Unready(now.plus(timing.retry())), failed.reason(), now);
          };
      default -> lifecycle;
    };
  }

  private ReplicaLifecycle startWarmUp(ReplicaLifecycle lifecycle, Instant now) {
    return warmUpRequests == 0
        ? ready(lifecycle, "", now)
        : lifecycle.to(new Warming(now.plus(timing.warmUpLimit()), 0, 0, now), progress(0), now);
  }

  private ReplicaLifecycle warmed(ReplicaLifecycle lifecycle, Warming w, Instant now) {
    int done = w.done() + 1;
    return done >= warmUpRequests
        ? ready(lifecycle, "", now)
        : lifecycle.to(new Warming(w.until(), done, 0, now), progress(done), now);
  }

  private String progress(int done) {
    return "warm-up " + done + " of " + warmUpRequests;
  }

  private ReplicaLifecycle stillWarming(
      ReplicaLifecycle lifecycle, Warming w, int failures, String why, Instant now) {
    return failures >= timing.failuresToUnready()
        ? lifecycle.to(new Unready(now.plus(timing.retry())), why, now)
        : lifecycle.to(
            new Warming(w.until(), w.done(), failures, now.plus(timing.startupProbe())), why, now);
  }

  private ReplicaLifecycle ready(ReplicaLifecycle lifecycle, String why, Instant now) {
    return lifecycle
        .withAnswered(true)
        .withPortConflicts(0)
        .to(new Ready(now.plus(timing.health()), now.plus(timing.generation()), 0), why, now);
  }

  /// After a failed probe, a generation decides.
  private ReplicaLifecycle failed(ReplicaLifecycle lifecycle, Ready r, String why, Instant now) {
    Instant retry = now.plus(timing.retry());
    return r.failures() + 1 >= timing.failuresToUnready()
        ? lifecycle.to(new Unready(retry), why, now)
        : lifecycle.to(
            new Ready(now.plus(timing.health()), retry, r.failures() + 1),
            "failed probe " + (r.failures() + 1) + ": " + why,
            now);
  }

  private static Instant earlier(Instant a, Instant b) {
    return a.isBefore(b) ? a : b;
  }
}
