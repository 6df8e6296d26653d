// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.status.ReplicaState;
import dev.weir.runtime.probe.GenerationResult;
import dev.weir.runtime.probe.HealthResult;
import dev.weir.testkit.ManualClock;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class ReplicaMachineTest {
  private static final LifecycleEvent UP = new LifecycleEvent.HealthSeen(new HealthResult.Up());
  private static final LifecycleEvent LOADING =
      new LifecycleEvent.HealthSeen(new HealthResult.Loading("40%"));
  private static final LifecycleEvent DOWN =
      new LifecycleEvent.HealthSeen(new HealthResult.Down("refused"));
  private static final LifecycleEvent ANSWERED =
      new LifecycleEvent.GenerationSeen(new GenerationResult.Answered());
  private static final LifecycleEvent BUSY =
      new LifecycleEvent.GenerationSeen(new GenerationResult.Busy("queue full"));
  private static final LifecycleEvent FAILED =
      new LifecycleEvent.GenerationSeen(new GenerationResult.Failed("500"));

  private final ManualClock clock = new ManualClock();
  private ReplicaMachine machine = machine(0);
  private ReplicaLifecycle lifecycle = ReplicaLifecycle.wanted(clock.instant());

  private static ReplicaMachine machine(int warmUpRequests) {
    return new ReplicaMachine(Duration.ofMinutes(10), warmUpRequests, LifecycleTiming.DEFAULT);
  }

  @Test
  void a_replica_is_started_then_probed_for_health_then_for_a_generation() {
    assertThat(next()).isEqualTo(new LifecycleAction.Start());
    on(new LifecycleEvent.Started("pid 7"));
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.STARTING);
    assertThat(next()).isEqualTo(new LifecycleAction.CheckHealth());
    on(LOADING);
    assertThat(lifecycle.reason()).isEqualTo("40%");
    assertThat(next()).isEqualTo(new LifecycleAction.Rest(clock.instant().plusMillis(250)));
    clock.advance(Duration.ofMillis(250));
    on(UP);
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.STARTING);
    assertThat(next()).isEqualTo(new LifecycleAction.Generate(false));
    on(FAILED);
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.STARTING);
    on(BUSY);
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.STARTING);
    on(ANSWERED);
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.READY);
  }

  @Test
  void warm_up_takes_the_configured_number_of_answers_of_both_kinds() {
    machine = machine(3);
    on(new LifecycleEvent.Started(""), UP, ANSWERED);
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.WARMING);
    assertThat(next()).isEqualTo(new LifecycleAction.Generate(true));
    on(ANSWERED);
    assertThat(lifecycle.reason()).isEqualTo("warm-up 1 of 3");
    assertThat(next()).isEqualTo(new LifecycleAction.Generate(false));
    on(ANSWERED, ANSWERED);
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.READY);
  }

  @Test
  void warm_up_is_bounded_in_time() {
    machine = machine(1_000);
    on(new LifecycleEvent.Started(""), UP, ANSWERED, ANSWERED);
    clock.advance(Duration.ofSeconds(60));
    on(new LifecycleEvent.Woke());
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.READY);
    assertThat(lifecycle.reason()).isEqualTo("warm-up ended early after 1 of 1000");
  }

  @Test
  void a_replica_that_fails_during_warm_up_is_unready() {
    machine = machine(10);
    on(new LifecycleEvent.Started(""), UP, ANSWERED, FAILED, FAILED, BUSY);
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.WARMING);
    on(FAILED);
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.UNREADY);
  }

  @Test
  void after_a_failed_health_probe_generations_decide() {
    ready();
    on(DOWN);
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.READY);
    clock.advance(LifecycleTiming.DEFAULT.retry());
    assertThat(next()).isEqualTo(new LifecycleAction.Generate(false));
    on(ANSWERED, DOWN, FAILED);
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.READY);
    on(FAILED);
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.UNREADY);
    assertThat(lifecycle.reason()).isEqualTo("500");
  }

  @Test
  void an_unready_replica_becomes_ready_only_by_a_generation() {
    ready();
    on(FAILED, FAILED, FAILED, UP);
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.UNREADY);
    on(BUSY);
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.UNREADY);
    on(ANSWERED);
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.READY);
    assertThat(lifecycle.restarts()).isZero();
  }

  @Test
  void a_ready_replica_gets_cheap_probes_and_occasional_generations() {
    ready();
    assertThat(next())
        .isEqualTo(
            new LifecycleAction.Rest(clock.instant().plus(LifecycleTiming.DEFAULT.health())));
    clock.advance(LifecycleTiming.DEFAULT.health());
    assertThat(next()).isEqualTo(new LifecycleAction.CheckHealth());
    on(UP);
    clock.advance(LifecycleTiming.DEFAULT.generation());
    assertThat(next()).isEqualTo(new LifecycleAction.Generate(false));
  }

  @Test
  void crashes_back_off_twice_as_long_and_the_third_is_a_crash_loop() {
    ready();
    crash();
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.BACK_OFF);
    assertThat(next()).isEqualTo(new LifecycleAction.Rest(clock.instant().plusSeconds(1)));
    clock.advance(Duration.ofSeconds(1));
    on(new LifecycleEvent.Woke());
    assertThat(next()).isEqualTo(new LifecycleAction.Start());
    on(new LifecycleEvent.Started(""));
    crash();
    assertThat(next()).isEqualTo(new LifecycleAction.Rest(clock.instant().plusSeconds(2)));
    clock.advance(Duration.ofSeconds(2));
    on(new LifecycleEvent.Woke(), new LifecycleEvent.Started(""));
    crash();
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.FAILED);
    assertThat(lifecycle.reason())
        .isEqualTo("crash loop: 3 crashes in 10 min; last: exit code 1: out of memory");
    assertThat(lifecycle.restarts()).isEqualTo(3);
    assertThat(lifecycle.memory().failure()).contains(lifecycle.reason());
  }

  @Test
  void old_crashes_are_forgotten_but_counted() {
    for (int i = 1; i <= 10; i++) {
      on(new LifecycleEvent.Started(""), UP, ANSWERED);
      crash();
      assertThat(lifecycle.state()).isEqualTo(ReplicaState.BACK_OFF);
      assertThat(lifecycle.restarts()).isEqualTo(i);
      clock.advance(LifecycleTiming.DEFAULT.crashWindow());
      on(new LifecycleEvent.Woke());
    }
    assertThat(lifecycle.crashes()).hasSize(1);
  }

  @Test
  void the_remains_of_a_crashed_replica_are_killed_before_the_next_start() {
    ready();
    on(new LifecycleEvent.Ended(exit(false)));
    assertThat(next()).isEqualTo(new LifecycleAction.Signal(true));
    on(new LifecycleEvent.Signalled(true));
    assertThat(next()).isInstanceOf(LifecycleAction.AwaitGone.class);
    on(new LifecycleEvent.Woke());
    assertThat(next()).isInstanceOf(LifecycleAction.AwaitGone.class);
  }

  @Test
  void remaining_processes_after_a_kill_are_killed_again() {
    ready();
    on(new LifecycleEvent.StopWanted(Duration.ZERO), new LifecycleEvent.Signalled(true));
    assertThat(next()).isInstanceOf(LifecycleAction.AwaitGone.class);
    on(new LifecycleEvent.StillThere());
    assertThat(next()).isEqualTo(new LifecycleAction.Signal(true));
    on(new LifecycleEvent.Signalled(true), new LifecycleEvent.Gone());
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.STOPPED);
  }

  @Test
  void a_process_that_was_asked_to_end_is_not_killed_before_its_grace_ends() {
    ready();
    on(new LifecycleEvent.StopWanted(Duration.ofSeconds(30)), new LifecycleEvent.Signalled(false));
    on(new LifecycleEvent.StillThere());
    assertThat(next()).isEqualTo(new LifecycleAction.AwaitGone(clock.instant().plusSeconds(30)));
  }

  @Test
  void a_start_waits_for_leftovers_which_are_not_a_crash() {
    on(new LifecycleEvent.LeftoversFound("ending pid 7"));
    assertThat(next()).isInstanceOf(LifecycleAction.AwaitGone.class);
    on(new LifecycleEvent.Gone());
    assertThat(next()).isEqualTo(new LifecycleAction.Start());
    assertThat(lifecycle.restarts()).isZero();
  }

  @Test
  void a_failed_start_attempt_is_retried_later_and_is_not_a_crash() {
    for (int i = 0; i < 10; i++) {
      on(new LifecycleEvent.StartHindered("no space left"));
      assertThat(lifecycle.state()).isEqualTo(ReplicaState.BACK_OFF);
      assertThat(lifecycle.reason()).isEqualTo("no space left");
      clock.advance(LifecycleTiming.DEFAULT.firstBackOff());
      on(new LifecycleEvent.Woke());
      assertThat(next()).isEqualTo(new LifecycleAction.Start());
    }
    assertThat(lifecycle.restarts()).isZero();
  }

  @Test
  void the_recorded_state_shows_whether_an_end_is_new() {
    assertThat(lifecycle.memory().startDue()).isTrue();
    ready();
    assertThat(lifecycle.memory().startDue()).isFalse();
    on(new LifecycleEvent.RestartWanted());
    assertThat(lifecycle.memory().startDue()).isTrue();
    on(new LifecycleEvent.Signalled(true), new LifecycleEvent.Gone());
    assertThat(lifecycle.memory().startDue()).isTrue();
    on(new LifecycleEvent.Started(""));
    assertThat(lifecycle.memory()).isEqualTo(ReplicaLifecycle.Memory.NEW.started());
    crash();
    assertThat(lifecycle.memory().startDue()).isTrue();
    on(new LifecycleEvent.StopWanted(Duration.ZERO));
    assertThat(lifecycle.memory().startDue()).isFalse();
    assertThat(lifecycle.memory().stopping()).isTrue();
  }

  @Test
  void a_port_in_use_is_not_a_crash_for_five_times() {
    for (int i = 0; i < 5; i++) {
      on(
          new LifecycleEvent.Started(""),
          new LifecycleEvent.Ended(exit(true)),
          new LifecycleEvent.Gone());
      assertThat(next()).isEqualTo(new LifecycleAction.Start());
    }
    assertThat(lifecycle.restarts()).isZero();
    on(new LifecycleEvent.Started(""), new LifecycleEvent.Ended(exit(true)));
    assertThat(lifecycle.restarts()).isEqualTo(1);
  }

  @Test
  void a_start_that_takes_too_long_is_killed_and_fails_with_the_last_progress() {
    on(new LifecycleEvent.Started(""), LOADING);
    clock.advance(Duration.ofMinutes(10));
    on(new LifecycleEvent.Woke());
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.FAILED);
    assertThat(lifecycle.reason()).contains("600 s").endsWith("last state: 40%");
    assertThat(next()).isEqualTo(new LifecycleAction.Signal(true));
    on(new LifecycleEvent.Signalled(true), new LifecycleEvent.Gone());
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.FAILED);
  }

  @Test
  void a_stop_requests_the_end_and_kills_after_the_grace() {
    ready();
    on(new LifecycleEvent.StopWanted(Duration.ofSeconds(30)));
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.STOPPING);
    assertThat(lifecycle.memory().stopping()).isTrue();
    assertThat(next()).isEqualTo(new LifecycleAction.Signal(false));
    on(new LifecycleEvent.Signalled(false));
    assertThat(next()).isEqualTo(new LifecycleAction.AwaitGone(clock.instant().plusSeconds(30)));
    clock.advance(Duration.ofSeconds(30));
    on(new LifecycleEvent.Woke());
    assertThat(next()).isEqualTo(new LifecycleAction.Signal(true));
    on(new LifecycleEvent.Signalled(true), new LifecycleEvent.Gone());
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.STOPPED);
  }

  @Test
  void a_second_stop_may_shorten_the_grace_but_never_lengthens_it() {
    ready();
    on(new LifecycleEvent.StopWanted(Duration.ofSeconds(30)), new LifecycleEvent.Signalled(false));
    on(new LifecycleEvent.StopWanted(Duration.ofMinutes(5)));
    assertThat(next()).isEqualTo(new LifecycleAction.AwaitGone(clock.instant().plusSeconds(30)));
    on(new LifecycleEvent.StopWanted(Duration.ZERO));
    assertThat(next()).isEqualTo(new LifecycleAction.Signal(true));
  }

  @Test
  void a_stop_is_possible_in_every_state_and_is_not_undone_by_a_restart() {
    ReplicaLifecycle failed = ReplicaLifecycle.wanted(clock.instant());
    for (LifecycleEvent before :
        new LifecycleEvent[] {
          new LifecycleEvent.Woke(),
          new LifecycleEvent.Started(""),
          new LifecycleEvent.StartFailed("not allowed", true),
          new LifecycleEvent.StartFailed("no fork", false)
        }) {
      lifecycle = failed;
      on(before, new LifecycleEvent.StopWanted(Duration.ZERO), new LifecycleEvent.RestartWanted());
      assertThat(lifecycle.state()).isEqualTo(ReplicaState.STOPPING);
      on(new LifecycleEvent.Gone());
      assertThat(lifecycle.state()).isEqualTo(ReplicaState.STOPPED);
    }
  }

  @Test
  void a_requested_restart_forgives_crashes_and_is_not_a_crash() {
    for (int i = 0; i < 3; i++) {
      on(new LifecycleEvent.Started(""));
      crash();
      clock.advance(Duration.ofSeconds(4));
      on(new LifecycleEvent.Woke());
    }
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.FAILED);
    on(new LifecycleEvent.RestartWanted(), new LifecycleEvent.Gone());
    assertThat(next()).isEqualTo(new LifecycleAction.Start());
    assertThat(lifecycle.crashes()).isEmpty();
    assertThat(lifecycle.restarts()).isEqualTo(3);
  }

  @Test
  void since_is_the_time_when_the_state_was_entered() {
    on(new LifecycleEvent.Started(""));
    var started = clock.instant();
    clock.advance(Duration.ofSeconds(3));
    on(LOADING);
    assertThat(lifecycle.since()).isEqualTo(started);
    on(UP, ANSWERED);
    assertThat(lifecycle.since()).isEqualTo(clock.instant());
  }

  @Test
  void a_start_that_cannot_succeed_fails_at_once() {
    on(new LifecycleEvent.StartFailed("not allowed", true));
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.FAILED);
    assertThat(lifecycle.reason()).isEqualTo("not allowed");
    assertThat(lifecycle.restarts()).isZero();
  }

  private void ready() {
    on(new LifecycleEvent.Started(""), UP, ANSWERED);
    assertThat(lifecycle.state()).isEqualTo(ReplicaState.READY);
  }

  private void crash() {
    on(
        new LifecycleEvent.Ended(exit(false)),
        new LifecycleEvent.Signalled(true),
        new LifecycleEvent.Gone());
  }

  private static ProcessExit exit(boolean portTaken) {
    return new ProcessExit(OptionalInt.of(1), portTaken, false, false, "out of memory");
  }

  private LifecycleAction next() {
    return machine.next(lifecycle, clock.instant());
  }

  private void on(LifecycleEvent... events) {
    for (LifecycleEvent event : events) {
      lifecycle = machine.on(lifecycle, event, clock.instant());
    }
  }
}
