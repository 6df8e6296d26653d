// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.LatencyBuckets;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.snapshot.Telemetry.ReplicaSlice;
import dev.weir.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class ReplicaTallyTest {
  private final ManualClock clock = new ManualClock();
  private final ReplicaTally tally = new ReplicaTally(new SteadyClock(clock, clock));

  @Test
  void attempts_are_counted_by_replica_with_their_histograms() {
    tally.ended("default/chat", Requests.success(1, Requests.STABLE), false);
    tally.ended("default/chat", Requests.success(1, Requests.STABLE), true);
    tally.ended("default/chat", Requests.cut(1, Requests.STABLE), false);
    tally.ended(
        "default/chat", Requests.failure(1, Requests.CANARY, Failure.Kind.BACKPRESSURE), false);
    tally.ended(
        "default/chat", Requests.failure(2, Requests.CANARY, Failure.Kind.CLIENT_GONE), false);
    long start = clock.millis();
    clock.advance(Duration.ofSeconds(5));

    List<ReplicaSlice> slices = tally.closeSlice();

    Map<Integer, Long> fast = Map.of(LatencyBuckets.indexOfMicros(3_000), 2L);
    assertThat(slices)
        .containsExactlyInAnyOrder(
            new ReplicaSlice(
                "default/chat",
                "chat@1",
                "chat-1-0",
                start,
                start + 5_000,
                2,
                1,
                0,
                0,
                1,
                24,
                77,
                Map.of(LatencyBuckets.indexOfMicros(20_000), 3L),
                Map.of(LatencyBuckets.indexOfMicros(5_000), 3L),
                Map.of(
                    LatencyBuckets.indexOfMicros(500_000),
                    2L,
                    LatencyBuckets.indexOfMicros(100_000),
                    1L),
                Map.of(LatencyBuckets.indexOfMicros(20_000), 1L)),
            new ReplicaSlice(
                "default/chat",
                "chat@2",
                "chat-2-0",
                start,
                start + 5_000,
                0,
                0,
                1,
                1,
                0,
                0,
                0,
                Map.of(),
                Map.of(),
                fast,
                Map.of()));
  }

  @Test
  void a_slice_begins_where_the_previous_one_ended_and_counts_from_zero() {
    clock.advance(Duration.ofSeconds(5));
    assertThat(tally.closeSlice()).isEmpty();
    long start = clock.millis();
    tally.ended("default/chat", Requests.success(1, Requests.STABLE), false);
    clock.advance(Duration.ofSeconds(1));
    ReplicaSlice slice = tally.closeSlice().getFirst();
    assertThat(slice.startMillis()).isEqualTo(start);
    assertThat(slice.success()).isEqualTo(1);
    assertThat(tally.closeSlice()).isEmpty();
  }

  @Test
  void an_attempt_without_a_replica_counts_for_no_replica() {
    tally.ended(
        "default/chat",
        new AttemptEnd(
            1,
            "default/chat",
            "chat@1",
            Optional.empty(),
            Outcome.FAILURE,
            Optional.empty(),
            false,
            -1,
            -1,
            10,
            0,
            0,
            false,
            ""),
        false);
    assertThat(tally.closeSlice()).isEmpty();
  }

  @Test
  void concurrent_attempts_are_not_lost_while_slices_are_closed() throws InterruptedException {
    int perThread = 20_000;
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                AttemptEnd end = Requests.success(1, Requests.STABLE);
                for (int i = 0; i < perThread; i++) {
                  tally.ended("default/chat", end, false);
                }
              }));
    }
    var done = new AtomicBoolean();
    List<ReplicaSlice> slices = new ArrayList<>();
    Thread collector =
        Thread.ofPlatform()
            .start(() -> {
              while (!done.get()) {
                slices.addAll(tally.closeSlice());
                Thread.onSpinWait();
              }
            });
    for (Thread thread : threads) {
      thread.join();
    }
    done.set(true);
    collector.join();
    slices.addAll(tally.closeSlice());
    assertThat(slices.stream().mapToLong(ReplicaSlice::success).sum()).isEqualTo(4L * perThread);
    assertThat(slices)
        .allSatisfy(s ->
            assertThat(s.ttft().values().stream().mapToLong(Long::longValue).sum())
                .isEqualTo(s.success()));
  }

  @Test
  void bucket_counts_equal_a_plain_map_of_counts() {
    var random = new SplittableRandom(3);
    for (int round = 0; round < 50; round++) {
      var counts = new BucketCounts();
      var more = new BucketCounts();
      Map<Integer, Long> plain = new TreeMap<>();
      for (int i = 0; i < 200; i++) {
        long micros = (long) Math.exp(random.nextDouble(-2, 26));
        (random.nextBoolean() ? counts : more).add(micros);
        plain.merge(LatencyBuckets.indexOfMicros(micros), 1L, Long::sum);
      }
      counts.add(-1);
      counts.addAll(more);
      assertThat(counts.toMap()).isEqualTo(plain);
    }
  }
}
