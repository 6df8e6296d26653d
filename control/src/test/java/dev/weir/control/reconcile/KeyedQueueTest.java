// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeyedQueueTest {
  private static final RetryBackoff BACK_OFF =
      new RetryBackoff(Duration.ofSeconds(1), Duration.ofSeconds(10));

  private final ManualClock clock = new ManualClock();
  private final List<String> ran = new ArrayList<>();

  private KeyedQueue<String> queue(KeyedQueue.Work<String> work) {
    return new KeyedQueue<>(work, 4, 100, BACK_OFF, clock, new Random(1));
  }

  @Test
  void many_wake_ups_are_one_run() {
    KeyedQueue<String> queue = queue(ran::add);
    for (int i = 0; i < 10; i++) {
      assertThat(queue.wake("a")).isTrue();
    }
    queue.runDue();
    assertThat(ran).containsExactly("a");
    assertThat(queue.runDue()).isZero();
  }

  @Test
  void a_delayed_wake_up_is_overtaken_by_an_earlier_one() {
    KeyedQueue<String> queue = queue(ran::add);
    queue.wakeAfter("a", Lane.ORDINARY, Duration.ofSeconds(5));
    assertThat(queue.runDue()).isZero();
    queue.wake("a");
    assertThat(queue.runDue()).isOne();
  }

  @Test
  void a_failing_key_waits_longer_each_time_and_slows_nobody_else() {
    KeyedQueue<String> queue =
        queue(key -> {
          ran.add(key);
          if (key.equals("bad")) {
            throw new IllegalStateException("no");
          }
        });
    for (int second = 0; second < 60; second++) {
      queue.wake("bad");
      queue.wake("good");
      queue.runDue();
      clock.advance(Duration.ofSeconds(1));
    }
    int runsOfBad = (int) ran.stream().filter("bad"::equals).count();
    assertThat(runsOfBad).isBetween(6, 15);
    assertThat(ran.stream().filter("good"::equals)).hasSize(60);
    assertThat(queue.failures("bad")).isEqualTo(runsOfBad);
  }

  @Test
  void a_key_woken_while_it_runs_runs_once_more() throws InterruptedException {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    CountDownLatch twice = new CountDownLatch(2);
    AtomicInteger sideBySide = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (KeyedQueue<String> queue =
        new KeyedQueue<>(
            key -> {
              most.accumulateAndGet(sideBySide.incrementAndGet(), Math::max);
              running.countDown();
              assertThat(goOn.await(30, TimeUnit.SECONDS)).isTrue();
              sideBySide.decrementAndGet();
              twice.countDown();
            },
            4,
            100,
            BACK_OFF,
            System::nanoTime,
            new Random(1))) {
      queue.start();
      queue.wake("a");
      assertThat(running.await(30, TimeUnit.SECONDS)).isTrue();
      queue.wake("a");
      goOn.countDown();
      assertThat(twice.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(most).hasValue(1);
    }
  }

  @Test
  void a_slow_key_does_not_hold_up_another() throws InterruptedException {
    CountDownLatch slow = new CountDownLatch(1);
    CountDownLatch quick = new CountDownLatch(1);
    try (KeyedQueue<String> queue =
        new KeyedQueue<>(
            key -> {
              if (key.equals("slow")) {
                assertThat(slow.await(30, TimeUnit.SECONDS)).isTrue();
              } else {
                quick.countDown();
              }
            },
            2,
            100,
            BACK_OFF,
            System::nanoTime,
            new Random(1))) {
      queue.start();
      queue.wake("slow");
      queue.wake("quick");
      assertThat(quick.await(30, TimeUnit.SECONDS)).isTrue();
      slow.countDown();
    }
  }

  @Test
  void a_full_queue_refuses() {
    KeyedQueue<String> queue = new KeyedQueue<>(ran::add, 1, 2, BACK_OFF, clock, new Random(1));
    assertThat(queue.wake("a")).isTrue();
    assertThat(queue.wake("b")).isTrue();
    assertThat(queue.wake("c")).isFalse();
    assertThat(queue.refused()).isOne();
    assertThat(queue.wake("a")).isTrue();
  }

  /// A thousand Services whose reconciliation takes 20 ms, woken every 500 ms: forty times more
  /// work than one worker can do.
  @Test
  void under_overload_every_key_runs_before_any_key_runs_again() {
    List<String> keys = IntStream.range(0, 1_000).mapToObj(i -> "service " + i).toList();
    KeyedQueue<String> queue = slowQueue();
    while (ran.size() < 3_000) {
      keys.forEach(queue::wake);
      runFor(queue, Lane.ORDINARY, Duration.ofMillis(500));
    }
    assertThat(ran.subList(0, 1_000)).containsExactlyInAnyOrderElementsOf(keys);
    assertThat(ran.subList(1_000, 2_000)).containsExactlyInAnyOrderElementsOf(keys);
    assertThat(ran.subList(2_000, 3_000)).containsExactlyInAnyOrderElementsOf(keys);
  }

  @Test
  void urgent_work_never_waits_behind_ordinary_work() {
    KeyedQueue<String> queue = slowQueue();
    IntStream.range(0, 1_000).forEach(i -> queue.wake("service " + i));
    queue.wake("publication", Lane.URGENT);
    queue.wake("service 999", Lane.URGENT);
    runFor(queue, Lane.URGENT, Duration.ofMillis(500));
    assertThat(ran).containsExactly("publication", "service 999");
  }

  @Test
  void each_lane_has_workers_of_its_own() throws InterruptedException {
    CountDownLatch published = new CountDownLatch(1);
    KeyedQueue.Work<String> hanging =
        key -> {
          if (key.equals("publication")) {
            published.countDown();
          } else {
            assertThat(published.await(30, TimeUnit.SECONDS)).isTrue();
          }
        };
    try (KeyedQueue<String> queue =
        new KeyedQueue<>(hanging, 2, 100, BACK_OFF, System::nanoTime, new Random(1))) {
      queue.start();
      queue.wake("hangs");
      queue.wake("hangs too");
      queue.wake("waits");
      queue.wake("publication", Lane.URGENT);
      assertThat(published.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void the_age_of_the_oldest_due_key_grows_until_it_runs() {
    KeyedQueue<String> queue = queue(ran::add);
    assertThat(queue.oldestDue(Lane.ORDINARY)).isZero();
    queue.wakeAfter("a", Lane.ORDINARY, Duration.ofSeconds(5));
    assertThat(queue.oldestDue(Lane.ORDINARY)).isZero();
    clock.advance(Duration.ofSeconds(12));
    queue.wake("b");
    assertThat(queue.oldestDue(Lane.ORDINARY)).isEqualTo(Duration.ofSeconds(7));
    assertThat(queue.oldestDue(Lane.URGENT)).isZero();
    queue.runDue();
    assertThat(queue.oldestDue(Lane.ORDINARY)).isZero();
  }

  private KeyedQueue<String> slowQueue() {
    KeyedQueue.Work<String> work =
        key -> {
          ran.add(key);
          clock.advance(Duration.ofMillis(20));
        };
    return new KeyedQueue<>(work, 4, 2_000, BACK_OFF, clock, new Random(1));
  }

  private void runFor(KeyedQueue<String> queue, Lane lane, Duration time) {
    long end = clock.getAsLong() + time.toNanos();
    while (clock.getAsLong() < end && queue.runNext(lane)) {
      // The work itself advances the clock.
    }
  }
}
