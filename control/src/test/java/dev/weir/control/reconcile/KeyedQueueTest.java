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
import org.junit.jupiter.api.Test;

class KeyedQueueTest {
  private static final BackOff BACK_OFF =
      new BackOff(Duration.ofSeconds(1), Duration.ofSeconds(10));

  private final ManualClock clock = new ManualClock();
  private final List<String> ran = new ArrayList<>();

  private KeyedQueue queue(KeyedQueue.Work work) {
    return new KeyedQueue(work, 4, 100, BACK_OFF, clock, new Random(1));
  }

  @Test
  void many_wake_ups_are_one_run() {
    KeyedQueue queue = queue(ran::add);
    for (int i = 0; i < 10; i++) {
      assertThat(queue.wake("a")).isTrue();
    }
    queue.runDue();
    assertThat(ran).containsExactly("a");
    assertThat(queue.runDue()).isZero();
  }

  @Test
  void a_delayed_wake_up_is_overtaken_by_an_earlier_one() {
    KeyedQueue queue = queue(ran::add);
    queue.wakeAfter("a", Duration.ofSeconds(5));
    assertThat(queue.runDue()).isZero();
    queue.wake("a");
    assertThat(queue.runDue()).isOne();
  }

  @Test
  void a_failing_key_waits_longer_each_time_and_slows_nobody_else() {
    KeyedQueue queue =
        queue(
            key -> {
              ran.add(key);
              if (key.equals("bad")) {
                throw new IllegalStateException("no");
              }
            });
    int runsOfBad = 0;
    for (int second = 0; second < 60; second++) {
      queue.wake("bad");
      queue.wake("good");
      queue.runDue();
      clock.advance(Duration.ofSeconds(1));
    }
    runsOfBad = (int) ran.stream().filter("bad"::equals).count();
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
    try (KeyedQueue queue =
        new KeyedQueue(
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
    try (KeyedQueue queue =
        new KeyedQueue(
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
    KeyedQueue queue =
        new KeyedQueue(ran::add, 1, 2, BACK_OFF, clock, new Random(1));
    assertThat(queue.wake("a")).isTrue();
    assertThat(queue.wake("b")).isTrue();
    assertThat(queue.wake("c")).isFalse();
    assertThat(queue.wake("a")).isTrue();
  }
}
