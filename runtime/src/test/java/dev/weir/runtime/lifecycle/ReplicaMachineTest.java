// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.ReplicaState;
import dev.weir.runtime.probe.Generation;
import dev.weir.runtime.probe.Health;
import dev.weir.testkit.ManualClock;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class ReplicaMachineTest {
  private static final Event UP = new Event.HealthSeen(new Health.Up());
  private static final Event LOADING = new Event.HealthSeen(new Health.Loading("40%"));
  private static final Event DOWN = new Event.HealthSeen(new Health.Down("refused"));
  private static final Event ANSWERED = new Event.GenerationSeen(new Generation.Answered());
  private static final Event BUSY = new Event.GenerationSeen(new Generation.Busy("queue full"));
  private static final Event FAILED = new Event.GenerationSeen(new Generation.Failed("500"));

  private final ManualClock clock = new ManualClock();
  private ReplicaMachine machine = machine(0);
  private Life life = Life.wanted(clock.instant());

  private static ReplicaMachine machine(int warmUpRequests) {
    return new ReplicaMachine(Duration.ofMinutes(10), warmUpRequests, Timing.DEFAULT);
  }

  @Test
  void a_replica_is_started_then_asked_for_its_health_then_for_a_generation() {
    assertThat(next()).isEqualTo(new Action.Start());
    on(new Event.Started("pid 7"));
    assertThat(life.state()).isEqualTo(ReplicaState.STARTING);
    assertThat(next()).isEqualTo(new Action.CheckHealth());
    on(LOADING);
    assertThat(life.reason()).isEqualTo("40%");
    assertThat(next()).isEqualTo(new Action.Rest(clock.instant().plusMillis(250)));
    clock.advance(Duration.ofMillis(250));
    on(UP);
    assertThat(life.state()).isEqualTo(ReplicaState.STARTING);
    assertThat(next()).isEqualTo(new Action.Generate(false));
    on(FAILED);
    assertThat(life.state()).isEqualTo(ReplicaState.STARTING);
    on(BUSY);
    assertThat(life.state()).isEqualTo(ReplicaState.STARTING);
    on(ANSWERED);
    assertThat(life.state()).isEqualTo(ReplicaState.READY);
  }

  @Test
  void warm_up_takes_so_many_answers_of_both_kinds() {
    machine = machine(3);
    on(new Event.Started(""), UP, ANSWERED);
    assertThat(life.state()).isEqualTo(ReplicaState.WARMING);
    assertThat(next()).isEqualTo(new Action.Generate(true));
    on(ANSWERED);
    assertThat(life.reason()).isEqualTo("warm-up 1 of 3");
    assertThat(next()).isEqualTo(new Action.Generate(false));
    on(ANSWERED, ANSWERED);
    assertThat(life.state()).isEqualTo(ReplicaState.READY);
  }

  @Test
  void warm_up_is_bounded_in_time() {
    machine = machine(1_000);
    on(new Event.Started(""), UP, ANSWERED, ANSWERED);
    clock.advance(Duration.ofSeconds(60));
    on(new Event.Woke());
    assertThat(life.state()).isEqualTo(ReplicaState.READY);
    assertThat(life.reason()).isEqualTo("warm-up cut short after 1 of 1000");
  }

  @Test
  void a_replica_that_breaks_while_it_is_warmed_up_is_unready() {
    machine = machine(10);
    on(new Event.Started(""), UP, ANSWERED, FAILED, FAILED, BUSY);
    assertThat(life.state()).isEqualTo(ReplicaState.WARMING);
    on(FAILED);
    assertThat(life.state()).isEqualTo(ReplicaState.UNREADY);
  }

  @Test
  void after_a_failed_health_probe_generations_decide() {
    ready();
    on(DOWN);
    assertThat(life.state()).isEqualTo(ReplicaState.READY);
    clock.advance(Timing.DEFAULT.retry());
    assertThat(next()).isEqualTo(new Action.Generate(false));
    on(ANSWERED, DOWN, FAILED);
    assertThat(life.state()).isEqualTo(ReplicaState.READY);
    on(FAILED);
    assertThat(life.state()).isEqualTo(ReplicaState.UNREADY);
    assertThat(life.reason()).isEqualTo("500");
  }

  @Test
  void an_unready_replica_is_ready_by_a_generation_only() {
    ready();
    on(FAILED, FAILED, FAILED, UP);
    assertThat(life.state()).isEqualTo(ReplicaState.UNREADY);
    on(BUSY);
    assertThat(life.state()).isEqualTo(ReplicaState.UNREADY);
    on(ANSWERED);
    assertThat(life.state()).isEqualTo(ReplicaState.READY);
    assertThat(life.restarts()).isZero();
  }

  @Test
  void a_ready_replica_is_probed_cheaply_and_now_and_then_for_real() {
    ready();
    assertThat(next()).isEqualTo(new Action.Rest(clock.instant().plus(Timing.DEFAULT.health())));
    clock.advance(Timing.DEFAULT.health());
    assertThat(next()).isEqualTo(new Action.CheckHealth());
    on(UP);
    clock.advance(Timing.DEFAULT.generation());
    assertThat(next()).isEqualTo(new Action.Generate(false));
  }

  @Test
  void crashes_back_off_twice_as_long_and_the_third_is_a_crash_loop() {
    ready();
    crash();
    assertThat(life.state()).isEqualTo(ReplicaState.BACK_OFF);
    assertThat(next()).isEqualTo(new Action.Rest(clock.instant().plusSeconds(1)));
    clock.advance(Duration.ofSeconds(1));
    on(new Event.Woke());
    assertThat(next()).isEqualTo(new Action.Start());
    on(new Event.Started(""));
    crash();
    assertThat(next()).isEqualTo(new Action.Rest(clock.instant().plusSeconds(2)));
    clock.advance(Duration.ofSeconds(2));
    on(new Event.Woke(), new Event.Started(""));
    crash();
    assertThat(life.state()).isEqualTo(ReplicaState.FAILED);
    assertThat(life.reason())
        .isEqualTo("crash loop: 3 ends in 10 min; the last: exit code 1: out of memory");
    assertThat(life.restarts()).isEqualTo(3);
    assertThat(life.memory().failure()).contains(life.reason());
  }

  @Test
  void old_crashes_are_forgotten_but_counted() {
    for (int i = 1; i <= 10; i++) {
      on(new Event.Started(""), UP, ANSWERED);
      crash();
      assertThat(life.state()).isEqualTo(ReplicaState.BACK_OFF);
      assertThat(life.restarts()).isEqualTo(i);
      clock.advance(Timing.DEFAULT.crashWindow());
      on(new Event.Woke());
    }
    assertThat(life.crashes()).hasSize(1);
  }

  @Test
  void what_is_left_of_a_crashed_replica_is_killed_before_the_next_start() {
    ready();
    on(new Event.Ended(exit(false)));
    assertThat(next()).isEqualTo(new Action.Signal(true));
    on(new Event.Signalled(true));
    assertThat(next()).isInstanceOf(Action.AwaitGone.class);
    on(new Event.Woke());
    assertThat(next()).isInstanceOf(Action.AwaitGone.class);
  }

  @Test
  void what_is_left_after_a_kill_is_killed_again() {
    ready();
    on(new Event.StopWanted(Duration.ZERO), new Event.Signalled(true));
    assertThat(next()).isInstanceOf(Action.AwaitGone.class);
    on(new Event.StillThere());
    assertThat(next()).isEqualTo(new Action.Signal(true));
    on(new Event.Signalled(true), new Event.Gone());
    assertThat(life.state()).isEqualTo(ReplicaState.STOPPED);
  }

  @Test
  void what_is_asked_is_not_killed_before_its_time() {
    ready();
    on(new Event.StopWanted(Duration.ofSeconds(30)), new Event.Signalled(false));
    on(new Event.StillThere());
    assertThat(next()).isEqualTo(new Action.AwaitGone(clock.instant().plusSeconds(30)));
  }

  @Test
  void leftovers_are_waited_for_before_a_start_and_are_no_crash() {
    on(new Event.LeftoversFound("ending pid 7"));
    assertThat(next()).isInstanceOf(Action.AwaitGone.class);
    on(new Event.Gone());
    assertThat(next()).isEqualTo(new Action.Start());
    assertThat(life.restarts()).isZero();
  }

  @Test
  void a_hindered_start_is_tried_again_later_and_is_no_crash() {
    for (int i = 0; i < 10; i++) {
      on(new Event.StartHindered("no space left"));
      assertThat(life.state()).isEqualTo(ReplicaState.BACK_OFF);
      assertThat(life.reason()).isEqualTo("no space left");
      clock.advance(Timing.DEFAULT.firstBackOff());
      on(new Event.Woke());
      assertThat(next()).isEqualTo(new Action.Start());
    }
    assertThat(life.restarts()).isZero();
  }

  @Test
  void what_is_remembered_says_whether_an_end_would_be_news() {
    assertThat(life.memory().startDue()).isTrue();
    ready();
    assertThat(life.memory().startDue()).isFalse();
    on(new Event.RestartWanted());
    assertThat(life.memory().startDue()).isTrue();
    on(new Event.Signalled(true), new Event.Gone());
    assertThat(life.memory().startDue()).isTrue();
    on(new Event.Started(""));
    assertThat(life.memory()).isEqualTo(Life.Memory.NEW.started());
    crash();
    assertThat(life.memory().startDue()).isTrue();
    on(new Event.StopWanted(Duration.ZERO));
    assertThat(life.memory().startDue()).isFalse();
    assertThat(life.memory().stopping()).isTrue();
  }

  @Test
  void a_taken_port_is_no_crash_for_five_times() {
    for (int i = 0; i < 5; i++) {
      on(new Event.Started(""), new Event.Ended(exit(true)), new Event.Gone());
      assertThat(next()).isEqualTo(new Action.Start());
    }
    assertThat(life.restarts()).isZero();
    on(new Event.Started(""), new Event.Ended(exit(true)));
    assertThat(life.restarts()).isEqualTo(1);
  }

  @Test
  void a_start_that_takes_too_long_is_killed_and_given_up_with_the_last_progress() {
    on(new Event.Started(""), LOADING);
    clock.advance(Duration.ofMinutes(10));
    on(new Event.Woke());
    assertThat(life.state()).isEqualTo(ReplicaState.FAILED);
    assertThat(life.reason()).contains("600 s").endsWith("last seen: 40%");
    assertThat(next()).isEqualTo(new Action.Signal(true));
    on(new Event.Signalled(true), new Event.Gone());
    assertThat(life.state()).isEqualTo(ReplicaState.FAILED);
  }

  @Test
  void a_stop_asks_and_kills_after_the_grace() {
    ready();
    on(new Event.StopWanted(Duration.ofSeconds(30)));
    assertThat(life.state()).isEqualTo(ReplicaState.STOPPING);
    assertThat(life.memory().stopping()).isTrue();
    assertThat(next()).isEqualTo(new Action.Signal(false));
    on(new Event.Signalled(false));
    assertThat(next()).isEqualTo(new Action.AwaitGone(clock.instant().plusSeconds(30)));
    clock.advance(Duration.ofSeconds(30));
    on(new Event.Woke());
    assertThat(next()).isEqualTo(new Action.Signal(true));
    on(new Event.Signalled(true), new Event.Gone());
    assertThat(life.state()).isEqualTo(ReplicaState.STOPPED);
  }

  @Test
  void a_second_stop_may_shorten_the_grace_and_never_lengthens_it() {
    ready();
    on(new Event.StopWanted(Duration.ofSeconds(30)), new Event.Signalled(false));
    on(new Event.StopWanted(Duration.ofMinutes(5)));
    assertThat(next()).isEqualTo(new Action.AwaitGone(clock.instant().plusSeconds(30)));
    on(new Event.StopWanted(Duration.ZERO));
    assertThat(next()).isEqualTo(new Action.Signal(true));
  }

  @Test
  void a_stop_is_possible_from_everywhere_and_is_not_undone_by_a_restart() {
    Life failed = Life.wanted(clock.instant());
    for (Event before :
        new Event[] {
          new Event.Woke(),
          new Event.Started(""),
          new Event.StartFailed("not allowed", true),
          new Event.StartFailed("no fork", false)
        }) {
      life = failed;
      on(before, new Event.StopWanted(Duration.ZERO), new Event.RestartWanted());
      assertThat(life.state()).isEqualTo(ReplicaState.STOPPING);
      on(new Event.Gone());
      assertThat(life.state()).isEqualTo(ReplicaState.STOPPED);
    }
  }

  @Test
  void a_wanted_restart_forgives_crashes_and_is_none() {
    for (int i = 0; i < 3; i++) {
      on(new Event.Started(""));
      crash();
      clock.advance(Duration.ofSeconds(4));
      on(new Event.Woke());
    }
    assertThat(life.state()).isEqualTo(ReplicaState.FAILED);
    on(new Event.RestartWanted(), new Event.Gone());
    assertThat(next()).isEqualTo(new Action.Start());
    assertThat(life.crashes()).isEmpty();
    assertThat(life.restarts()).isEqualTo(3);
  }

  @Test
  void since_is_when_the_state_was_entered() {
    on(new Event.Started(""));
    var started = clock.instant();
    clock.advance(Duration.ofSeconds(3));
    on(LOADING);
    assertThat(life.since()).isEqualTo(started);
    on(UP, ANSWERED);
    assertThat(life.since()).isEqualTo(clock.instant());
  }

  @Test
  void a_start_that_cannot_succeed_has_failed_at_once() {
    on(new Event.StartFailed("not allowed", true));
    assertThat(life.state()).isEqualTo(ReplicaState.FAILED);
    assertThat(life.reason()).isEqualTo("not allowed");
    assertThat(life.restarts()).isZero();
  }

  private void ready() {
    on(new Event.Started(""), UP, ANSWERED);
    assertThat(life.state()).isEqualTo(ReplicaState.READY);
  }

  private void crash() {
    on(new Event.Ended(exit(false)), new Event.Signalled(true), new Event.Gone());
  }

  private static Exit exit(boolean portTaken) {
    return new Exit(OptionalInt.of(1), portTaken, false, false, "out of memory");
  }

  private Action next() {
    return machine.next(life, clock.instant());
  }

  private void on(Event... events) {
    for (Event event : events) {
      life = machine.on(life, event, clock.instant());
    }
  }
}
