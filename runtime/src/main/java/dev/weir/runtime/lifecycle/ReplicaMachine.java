// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import dev.weir.runtime.lifecycle.Phase.BackOff;
import dev.weir.runtime.lifecycle.Phase.Ending;
import dev.weir.runtime.lifecycle.Phase.Failed;
import dev.weir.runtime.lifecycle.Phase.Pending;
import dev.weir.runtime.lifecycle.Phase.Ready;
import dev.weir.runtime.lifecycle.Phase.Starting;
import dev.weir.runtime.lifecycle.Phase.Stopped;
import dev.weir.runtime.lifecycle.Phase.Then;
import dev.weir.runtime.lifecycle.Phase.Unready;
import dev.weir.runtime.lifecycle.Phase.Warming;
import dev.weir.runtime.probe.Generation;
import dev.weir.runtime.probe.Health;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/// A replica's course as a pure state machine: `next` says what to do, `on` what an event changes.
///
/// Pending -> Starting -> Warming -> Ready <-> Unready; a crash goes over Ending (what is left of
/// its process group is killed) to BackOff and Pending, or to Failed; a stop from anywhere over
/// Ending to Stopped. Ready is reached by a real generation only.
public final class ReplicaMachine {
  /// A start that finds its port taken says nothing about the replica, but not for ever.
  private static final int MAX_PORT_CONFLICTS = 5;

  /// How often a group that was killed and is still there is looked at.
  private static final Duration RECHECK = Duration.ofSeconds(1);

  private static final Duration FOREVER = Duration.ofDays(3650);

  private final Duration startupTimeout;
  private final int warmUpRequests;
  private final Timing timing;

  /// @param startupTimeout from the start to the first real generation
  /// @param warmUpRequests 0 or more
  public ReplicaMachine(Duration startupTimeout, int warmUpRequests, Timing timing) {
    this.startupTimeout = startupTimeout;
    this.warmUpRequests = warmUpRequests;
    this.timing = timing;
  }

  public Action next(Life life, Instant now) {
    return switch (life.phase()) {
      case Pending _ -> new Action.Start();
      case Starting s when now.isBefore(s.nextProbe()) -> new Action.Rest(s.nextProbe());
      case Starting s -> s.healthy() ? new Action.Generate(false) : new Action.CheckHealth();
      case Warming w when now.isBefore(w.nextProbe()) -> new Action.Rest(w.nextProbe());
      case Warming w -> new Action.Generate(w.done() % 2 == 0);
      case Ready r when !now.isBefore(r.nextGeneration()) -> new Action.Generate(false);
      case Ready r when !now.isBefore(r.nextHealth()) -> new Action.CheckHealth();
      case Ready r -> new Action.Rest(earlier(r.nextHealth(), r.nextGeneration()));
      case Unready u when now.isBefore(u.nextProbe()) -> new Action.Rest(u.nextProbe());
      case Unready _ -> new Action.Generate(false);
      case BackOff b -> new Action.Rest(b.until());
      case Ending e -> ending(e, now);
      case Failed _, Stopped _ -> new Action.Rest(now.plus(FOREVER));
    };
  }

  private static Action ending(Ending e, Instant now) {
    if (!e.killed() && !now.isBefore(e.killAt())) {
      return new Action.Signal(true);
    }
    if (!e.asked()) {
      return new Action.Signal(false);
    }
    return new Action.AwaitGone(e.killed() ? now.plus(RECHECK) : e.killAt());
  }

  public Life on(Life life, Event event, Instant now) {
    return switch (event) {
      case Event.StopWanted stop -> stop(life, stop.grace(), now);
      case Event.RestartWanted _ -> restart(life, now);
      case Event.Started started ->
          life.phase() instanceof Pending
              ? life.withAnswered(false).to(new Starting(now, false, now), started.how(), now)
              : life;
      case Event.StartFailed failed when life.phase() instanceof Pending ->
          failed.forGood()
              ? life.to(new Failed(), failed.reason(), now)
              : crashed(life, failed.reason(), now);
      case Event.StartFailed _ -> life;
      case Event.StartHindered hindered when life.phase() instanceof Pending ->
          life.to(new BackOff(now.plus(timing.firstBackOff())), hindered.reason(), now);
      case Event.StartHindered _ -> life;
      case Event.LeftoversFound found when life.phase() instanceof Pending ->
          life.to(new Ending(new Then.StartAgain(), now, true, true), found.reason(), now);
      case Event.LeftoversFound _ -> life;
      case Event.Ended ended -> life.phase().running() ? ended(life, ended.exit(), now) : life;
      case Event.HealthSeen seen -> expire(health(life, seen.health(), now), now);
      case Event.GenerationSeen seen -> expire(generation(life, seen.generation(), now), now);
      case Event.Signalled sent -> signalled(life, sent.kill(), now);
      case Event.StillThere _ -> life.phase() instanceof Ending e ? killAgain(life, e, now) : life;
      case Event.Gone _ -> life.phase() instanceof Ending e ? gone(life, e.then(), now) : life;
      case Event.Woke _ -> expire(life, now);
    };
  }

  // What its owner wants

  private static Life stop(Life life, Duration grace, Instant now) {
    return switch (life.phase()) {
      case Stopped _ -> life;
      case Ending(Then.Stop then, Instant killAt, boolean asked, boolean killed) ->
          life.to(
              new Ending(then, earlier(killAt, now.plus(grace)), asked, killed),
              life.reason(),
              now);
      default ->
          life.to(new Ending(new Then.Stop(), now.plus(grace), false, false), "stopping", now);
    };
  }

  /// A wanted restart is no crash, and forgives the crashes before it.
  private static Life restart(Life life, Instant now) {
    return switch (life.phase()) {
      case Stopped _, Ending(Then.Stop _, _, _, _) -> life;
      default ->
          life.withCrashes(life.restarts(), List.of())
              .to(kill(new Then.StartAgain(), now), "restart was asked for", now);
    };
  }

  // How it ends

  private Life ended(Life life, Exit exit, Instant now) {
    boolean starting = life.phase() instanceof Starting;
    if (starting && exit.portTaken() && life.portConflicts() < MAX_PORT_CONFLICTS) {
      return life.withPortConflicts(life.portConflicts() + 1)
          .to(kill(new Then.StartAgain(), now), "its port was taken; trying another", now);
    }
    return crashed(life, exit.describe(), now);
  }

  private Life crashed(Life life, String how, Instant now) {
    Instant horizon = now.minus(timing.crashWindow());
    List<Instant> crashes =
        Stream.concat(life.crashes().stream().filter(at -> at.isAfter(horizon)), Stream.of(now))
            .toList();
    Life counted = life.withCrashes(life.restarts() + 1, crashes);
    if (crashes.size() >= timing.crashLoop()) {
      String reason = "crash loop: " + crashes.size() + " ends in " + minutes() + "; the last: ";
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

  private static Life signalled(Life life, boolean kill, Instant now) {
    return life.phase() instanceof Ending e
        ? life.to(new Ending(e.then(), e.killAt(), true, e.killed() || kill), life.reason(), now)
        : life;
  }

  /// What forked while the others were killed, or could not be interrupted, is killed once more.
  private static Life killAgain(Life life, Ending e, Instant now) {
    return life.to(new Ending(e.then(), e.killAt(), e.asked(), false), life.reason(), now);
  }

  private static Life gone(Life life, Then then, Instant now) {
    return switch (then) {
      case Then.Stop _ -> life.to(new Stopped(), "stopped", now);
      case Then.StartAgain _ -> life.to(new Pending(), life.reason(), now);
      case Then.Wait wait -> life.to(new BackOff(now.plus(wait.backOff())), life.reason(), now);
      case Then.GiveUp _ -> life.to(new Failed(), life.reason(), now);
    };
  }

  /// What time alone changes.
  private Life expire(Life life, Instant now) {
    return switch (life.phase()) {
      case Starting s when !now.isBefore(s.startedAt().plus(startupTimeout)) ->
          life.to(
              kill(new Then.GiveUp(), now),
              "no answered generation within "
                  + startupTimeout.toSeconds()
                  + " s (startupTimeout); last seen: "
                  + life.reason(),
              now);
      case Warming w when !now.isBefore(w.until()) ->
          ready(life, "warm-up cut short after " + w.done() + " of " + warmUpRequests, now);
      case BackOff b when !now.isBefore(b.until()) -> life.to(new Pending(), life.reason(), now);
      default -> life;
    };
  }

  // What probes see

  private Life health(Life life, Health health, Instant now) {
    return switch (life.phase()) {
      case Starting s ->
          switch (health) {
            case Health.Up _ ->
                life.to(new Starting(s.startedAt(), true, now), "healthy; to generate", now);
            case Health.Loading loading -> again(life, s, loading.progress(), now);
            case Health.Down down -> again(life, s, "not answering yet: " + down.reason(), now);
          };
      case Ready r ->
          switch (health) {
            case Health.Up _ ->
                life.to(new Ready(now.plus(timing.health()), r.nextGeneration(), 0), "", now);
            case Health.Loading loading -> failed(life, r, loading.progress(), now);
            case Health.Down down -> failed(life, r, down.reason(), now);
          };
      default -> life;
    };
  }

  private Life again(Life life, Starting s, String why, Instant now) {
    return life.to(new Starting(s.startedAt(), false, now.plus(timing.startupProbe())), why, now);
  }

  private Life generation(Life life, Generation generation, Instant now) {
    return switch (life.phase()) {
      case Starting s ->
          switch (generation) {
            case Generation.Answered _ -> warm(life, now);
            case Generation.Busy busy -> again(life, s, busy.reason(), now);
            case Generation.Failed failed -> again(life, s, failed.reason(), now);
          };
      case Warming w ->
          switch (generation) {
            case Generation.Answered _ -> warmed(life, w, now);
            case Generation.Busy busy -> coldStill(life, w, w.failures(), busy.reason(), now);
            case Generation.Failed failed ->
                coldStill(life, w, w.failures() + 1, failed.reason(), now);
          };
      case Ready r ->
          switch (generation) {
            case Generation.Answered _ -> ready(life, "", now);
            // It answers, so it lives; whether it works is asked again later.
            case Generation.Busy _ ->
                life.to(
                    new Ready(now.plus(timing.health()), now.plus(timing.generation()), 0),
                    "",
                    now);
            case Generation.Failed failed -> failed(life, r, failed.reason(), now);
          };
      case Unready _ ->
          switch (generation) {
            case Generation.Answered _ -> ready(life, "", now);
            case Generation.Busy busy ->
                life.to(new Unready(now.plus(timing.retry())), busy.reason(), now);
            case Generation.Failed failed ->
                life.to(new Unready(now.plus(timing.retry())), failed.reason(), now);
          };
      default -> life;
    };
  }

  private Life warm(Life life, Instant now) {
    return warmUpRequests == 0
        ? ready(life, "", now)
        : life.to(new Warming(now.plus(timing.warmUpLimit()), 0, 0, now), progress(0), now);
  }

  private Life warmed(Life life, Warming w, Instant now) {
    int done = w.done() + 1;
    return done >= warmUpRequests
        ? ready(life, "", now)
        : life.to(new Warming(w.until(), done, 0, now), progress(done), now);
  }

  private String progress(int done) {
    return "warm-up " + done + " of " + warmUpRequests;
  }

  private Life coldStill(Life life, Warming w, int failures, String why, Instant now) {
    return failures >= timing.failuresToUnready()
        ? life.to(new Unready(now.plus(timing.retry())), why, now)
        : life.to(
            new Warming(w.until(), w.done(), failures, now.plus(timing.startupProbe())), why, now);
  }

  private Life ready(Life life, String why, Instant now) {
    return life.withAnswered(true)
        .withPortConflicts(0)
        .to(new Ready(now.plus(timing.health()), now.plus(timing.generation()), 0), why, now);
  }

  /// After a failed probe a real generation decides.
  private Life failed(Life life, Ready r, String why, Instant now) {
    Instant retry = now.plus(timing.retry());
    return r.failures() + 1 >= timing.failuresToUnready()
        ? life.to(new Unready(retry), why, now)
        : life.to(
            new Ready(now.plus(timing.health()), retry, r.failures() + 1),
            "failed probe " + (r.failures() + 1) + ": " + why,
            now);
  }

  private static Instant earlier(Instant a, Instant b) {
    return a.isBefore(b) ? a : b;
  }
}
