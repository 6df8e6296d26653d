// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.snapshot.LiveSnapshot;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.snapshot.Snapshots;
import dev.weir.snapshot.Telemetry.ArrivalSlice;
import dev.weir.snapshot.Telemetry.RequestRecord;
import dev.weir.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Many threads draw and place requests while snapshots are swapped, leases start and end, and
/// slices end. Every request is in exactly one slice: that of its snapshot and lease.
@Timeout(60)
final class SliceConsistencyTest {
  private static final int THREADS = 4;
  private static final int REQUESTS = 6_000;

  private final ManualClock clock = new ManualClock(Snapshots.PUBLISHED_AT);
  private final LiveSnapshot live = new LiveSnapshot(clock, clock);
  private final ArrivalRecorder arrivals =
      new ArrivalRecorder(new SteadyClock(clock, clock), live, 10 * THREADS * REQUESTS);

  /// What a thread records about a request that it sent.
  private record Sent(long sequence, int step, int weight, boolean canary, RequestRecord record) {}

  @Test
  void every_request_is_in_exactly_one_slice_of_the_snapshot_and_lease_it_was_drawn_under()
      throws Exception {
    live.onSwap(_ -> arrivals.align());
    live.install(SnapshotCodec.publish(Requests.withCanary(1, 0, weightOf(1))));
    var barrier = new CyclicBarrier(THREADS + 2);
    List<List<Sent>> sent = new ArrayList<>();
    List<Thread> senders = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      List<Sent> mine = new ArrayList<>();
      sent.add(mine);
      int seed = t;
      senders.add(
          Thread.ofPlatform()
              .start(() -> {
                meet(barrier);
                send(new SplittableRandom(seed), mine);
              }));
    }
    List<ArrivalSlice> closed = new ArrayList<>();
    Thread swapper = Thread.ofPlatform().start(() -> swap(barrier, senders));
    Thread collector = Thread.ofPlatform().start(() -> collect(barrier, senders, closed));
    for (Thread sender : senders) {
      sender.join();
    }
    swapper.join();
    collector.join();
    arrivals.closeAll();
    closed.addAll(arrivals.takeClosed());

    check(closed, sent.stream().flatMap(List::stream).toList());
  }

  private static void check(List<ArrivalSlice> closed, List<Sent> sent) {
    assertThat(sent).hasSize(THREADS * REQUESTS);
    Map<Long, ArrivalSlice> byNumber = new HashMap<>();
    closed.forEach(
        slice -> assertThat(byNumber.put(slice.slice(), slice)).as("%s", slice).isNull());
    Map<Long, List<Sent>> bySlice = new HashMap<>();
    sent.forEach(s -> bySlice.computeIfAbsent(s.record().slice(), _ -> new ArrayList<>()).add(s));
    assertThat(byNumber.keySet()).containsAll(bySlice.keySet());
    for (ArrivalSlice slice : closed) {
      List<Sent> members = bySlice.getOrDefault(slice.slice(), List.of());
      assertThat(members)
          .allSatisfy(s -> {
            assertThat(s.weight()).isEqualTo(slice.weightMillionths());
            assertThat(s.step()).isEqualTo(slice.step());
            assertThat(s.sequence()).isEqualTo(slice.snapshotSequence());
          });
      assertThat(members.stream().filter(Sent::canary).count()).isEqualTo(slice.canary());
      assertThat(members.stream().filter(s -> !s.canary()).count()).isEqualTo(slice.baseline());
      assertThat(members.stream().map(s -> s.record().index()))
          .containsExactlyInAnyOrderElementsOf(
              IntStream.range(0, slice.canary() + slice.baseline()).boxed().toList());
    }
    assertThat(closed.stream().map(ArrivalSlice::weightMillionths).distinct().count())
        .as("swaps happened")
        .isGreaterThan(3);
  }

  private void send(SplittableRandom random, List<Sent> mine) {
    IndexedSnapshot old = live.current();
    for (int i = 0; i < REQUESTS; i++) {
      // Some uploads are slow: they were drawn under a snapshot that was swapped long ago.
      IndexedSnapshot current = random.nextInt(50) == 0 ? old : live.current();
      old = random.nextInt(20) == 0 ? current : old;
      var canary = current.service("default/chat").orElseThrow().canary().getFirst();
      int weight = live.leaseRuns() ? canary.weightMillionths() : 0;
      boolean toCanary = random.nextInt(1_000_000) < weight;
      if (random.nextInt(10) == 0) {
        LockSupport.parkNanos(1_000); // gives other threads a turn
      }
      AdmittedRequest arrival = Requests.arrival(current, toCanary, weight);
      RequestEntry entry = arrivals.arrived(arrival).orElseThrow().own();
      mine.add(new Sent(current.sequence(), canary.step(), weight, toCanary, entry.take()));
    }
  }

  private void swap(CyclicBarrier barrier, List<Thread> senders) {
    meet(barrier);
    for (int sequence = 2; senders.stream().anyMatch(Thread::isAlive); sequence++) {
      live.install(
          SnapshotCodec.publish(Requests.withCanary(sequence, sequence, weightOf(sequence))));
      live.renewLease(clock.getAsLong(), sequence % 3 == 0 ? 0 : 30_000);
      LockSupport.parkNanos(20_000);
    }
  }

  private void collect(CyclicBarrier barrier, List<Thread> senders, List<ArrivalSlice> closed) {
    meet(barrier);
    while (senders.stream().anyMatch(Thread::isAlive)) {
      clock.advance(Duration.ofMillis(500));
      arrivals.align();
      closed.addAll(arrivals.takeClosed());
      LockSupport.parkNanos(20_000);
    }
  }

  private static int weightOf(long sequence) {
    return (int) (100_000 + sequence % 9 * 100_000);
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
