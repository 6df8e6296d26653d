// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.snapshot.RoutingSnapshot.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AdmissionQueueTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private long now;
  private final AdmissionQueue admissionQueue = new AdmissionQueue(Runnable::run, () -> now);
  private final List<Waiter> admitted = new ArrayList<>();
  private final List<Waiter> rejected = new ArrayList<>();

  /// A request that waits for a slot.
  private final class Waiter implements QueueListener {
    final String tenant;
    ConcurrencySlot concurrencySlot = ConcurrencySlot.FREE;
    QueueRejection rejection = new QueueRejection(QueueRejection.Reason.WAITED, 0);
    Runnable leave = () -> {};
    int keepAlives;

    Waiter(String tenant) {
      this.tenant = tenant;
    }

    @Override
    public void admitted(ConcurrencySlot place) {
      concurrencySlot = place;
      admitted.add(this);
    }

    @Override
    public void keepAlive() {
      keepAlives++;
    }

    @Override
    public void rejected(QueueRejection why) {
      rejection = why;
      rejected.add(this);
    }
  }

  private Waiter arrive(Priority priority, String tenant, int weight, int bytes, long seconds) {
    Waiter waiter = new Waiter(tenant);
    admissionQueue
        .tryAcquire()
        .ifPresentOrElse(
            waiter::admitted,
            () ->
                waiter.leave =
                    admissionQueue.enqueue(
                        new AdmissionRequest(
                            priority,
                            tenant,
                            weight,
                            100,
                            bytes,
                            now + seconds * SECOND,
                            now + seconds * SECOND),
                        waiter));
    return waiter;
  }

  private Waiter arrive(String tenant) {
    return arrive(Priority.NORMAL, tenant, 1, 0, 1_000);
  }

  private void leave(Waiter waiter, long afterSeconds) {
    now += afterSeconds * SECOND;
    waiter.concurrencySlot.leave();
  }

  private long admittedOf(String tenant) {
    return admitted.stream().filter(waiter -> waiter.tenant.equals(tenant)).count();
  }

  @Test
  void optional_work_gets_a_slot_while_half_of_them_are_free() {
    admissionQueue.configure(4, true, 0);
    assertThat(admissionQueue.tryAcquireSpare()).isPresent();
    ConcurrencySlot second = admissionQueue.tryAcquireSpare().orElseThrow();
    assertThat(admissionQueue.tryAcquireSpare()).isEmpty();
    arrive("a");
    second.leave();
    assertThat(admissionQueue.tryAcquireSpare()).as("two slots are still taken").isEmpty();
    arrive("a");
    arrive("a");
    arrive("a");
    assertThat(admitted).hasSize(3);
    assertThat(admissionQueue.tryAcquireSpare()).as("one request waits").isEmpty();
    admissionQueue.configure(1, true, 0);
    assertThat(new AdmissionQueue(Runnable::run, () -> now).tryAcquireSpare())
        .as("no maximum")
        .isPresent();
    AdmissionQueue single = new AdmissionQueue(Runnable::run, () -> now);
    single.configure(1, true, 0);
    assertThat(single.tryAcquireSpare()).isEmpty();
    AdmissionQueue closed = new AdmissionQueue(Runnable::run, () -> now);
    closed.configure(0, false, 0);
    assertThat(closed.tryAcquireSpare()).isEmpty();
  }

  @Test
  void free_slots_are_taken_at_once_and_then_in_turn() {
    admissionQueue.configure(2, true, 0);
    Waiter first = arrive("a");
    arrive("a");
    Waiter third = arrive("a");
    Waiter fourth = arrive("a");
    assertThat(admitted).hasSize(2);
    leave(first, 1);
    leave(first, 0);
    assertThat(admitted).hasSize(3).last().isSameAs(third);
    assertThat(admissionQueue.waiting()).isEqualTo(1);
    leave(third, 1);
    assertThat(admitted).last().isSameAs(fourth);
    assertThat(rejected).isEmpty();
  }

  @Test
  void a_waiting_request_is_notified_every_ten_seconds_until_it_is_admitted() {
    admissionQueue.configure(1, true, 0);
    Waiter first = arrive("a");
    Waiter waits = arrive("a");
    now += 9 * SECOND;
    admissionQueue.tick();
    assertThat(waits.keepAlives).isZero();
    now += SECOND;
    admissionQueue.tick();
    admissionQueue.tick();
    assertThat(waits.keepAlives).isEqualTo(1);
    now += 10 * SECOND;
    admissionQueue.tick();
    assertThat(waits.keepAlives).isEqualTo(2);
    leave(first, 20);
    admissionQueue.tick();
    assertThat(waits.keepAlives).isEqualTo(2);
    assertThat(first.keepAlives).isZero();
  }

  @Test
  void one_hanging_replica_limits_no_request_and_replicas_that_are_all_late_do() {
    admissionQueue.configure(0, true, 10 * SECOND);
    Waiter waiter = arrive("a");
    waiter.concurrencySlot.firstToken("one", SECOND / 10);
    admissionQueue.tick();
    for (int i = 0; i < 50; i++) {
      waiter.concurrencySlot.noFirstToken("two", 10 * SECOND);
    }
    now += 5 * SECOND;
    admissionQueue.tick();
    assertThat(admissionQueue.capacity()).isZero();
    for (int i = 0; i < 50; i++) {
      waiter.concurrencySlot.firstToken("one", 8 * SECOND);
    }
    now += SECOND;
    admissionQueue.tick();
    assertThat(admissionQueue.capacity()).isEqualTo(1);
  }

  @Test
  void a_rejected_request_costs_its_tenant_no_turn() {
    admissionQueue.configure(1, true, 0);
    Waiter first = arrive("quiet");
    for (int i = 0; i < 10; i++) {
      arrive(Priority.NORMAL, "flood", 1, 0, 1);
    }
    Waiter patient = arrive("flood");
    for (int i = 0; i < 3; i++) {
      arrive("quiet");
    }
    now += 2 * SECOND;
    admissionQueue.tick();
    assertThat(rejected).hasSize(10);
    leave(first, 0);
    leave(admitted.getLast(), 0);
    assertThat(admitted).contains(patient);
    assertThat(admissionQueue.waiting()).isEqualTo(2);
  }

  @Test
  void a_rejected_request_gives_its_tenant_no_turn_either() {
    admissionQueue.configure(1, true, 0);
    Waiter first = arrive("quiet");
    arrive(Priority.NORMAL, "flood", 1, 0, 1);
    Waiter patient = arrive("flood");
    Waiter quiet = arrive("quiet");
    Waiter quietToo = arrive("quiet");
    now += 2 * SECOND;
    admissionQueue.tick();
    arrive("flood");
    leave(first, 0);
    leave(admitted.getLast(), 0);
    assertThat(admitted).contains(patient, quiet);
    leave(admitted.getLast(), 0);
    assertThat(admitted).last().isSameAs(quietToo);
  }

  @Test
  void a_flooding_tenant_leaves_the_other_its_share() {
    admissionQueue.configure(1, true, 0);
    for (int i = 0; i < 1_000; i++) {
      arrive("flood");
    }
    for (int i = 0; i < 20; i++) {
      arrive("quiet");
    }
    for (int i = 0; i < 40; i++) {
      leave(admitted.getLast(), 0);
    }
    assertThat(admittedOf("quiet")).isEqualTo(20);
  }

  @Test
  void shares_follow_the_weights_regardless_of_the_order_of_arrival() {
    admissionQueue.configure(1, true, 0);
    List<String> tenants = new ArrayList<>(Collections.nCopies(600, "one"));
    tenants.addAll(Collections.nCopies(600, "three"));
    SplittableRandom random = new SplittableRandom(7);
    while (!tenants.isEmpty()) {
      String tenant = tenants.remove(random.nextInt(tenants.size()));
      arrive(Priority.NORMAL, tenant, tenant.equals("three") ? 3 : 1, 0, 1_000);
    }
    admitted.clear();
    Waiter running = arrive("none");
    assertThat(running.concurrencySlot).isSameAs(ConcurrencySlot.FREE);
    admissionQueue.configure(2, true, 0);
    admissionQueue.tick();
    while (admitted.size() < 401) {
      leave(admitted.getLast(), 0);
    }
    assertThat(admittedOf("three")).isBetween(298L, 302L);
  }

  @Test
  void priority_precedes_arrival_and_low_priority_delays_no_other_request() {
    admissionQueue.configure(1, true, 0);
    Waiter running = arrive("a");
    Waiter low = arrive(Priority.LOW, "a", 1, 0, 1_000);
    Waiter normal = arrive(Priority.NORMAL, "a", 1, 0, 1_000);
    Waiter high = arrive(Priority.HIGH, "b", 1, 0, 1_000);
    leave(running, 1);
    leave(high, 1);
    leave(normal, 1);
    assertThat(admitted).containsExactly(running, high, normal, low);
  }

  @Test
  void a_request_that_would_miss_its_deadline_is_refused_at_once_with_the_time_until_a_slot() {
    admissionQueue.configure(1, true, 0);
    for (int i = 0; i < 12; i++) {
      leave(arrive("a"), 1);
    }
    arrive("a");
    for (int i = 0; i < 4; i++) {
      arrive(Priority.NORMAL, "a", 1, 0, 10);
    }
    Waiter late = arrive(Priority.NORMAL, "a", 1, 0, 4);
    assertThat(late.rejection.reason()).isEqualTo(QueueRejection.Reason.TOO_LATE);
    assertThat(Duration.ofNanos(late.rejection.retryAfterNanos()))
        .isBetween(Duration.ofSeconds(4), Duration.ofSeconds(6));
    Waiter patient = arrive(Priority.NORMAL, "a", 1, 0, 10);
    Waiter urgent = arrive(Priority.HIGH, "a", 1, 0, 4);
    assertThat(rejected).containsExactly(late);
    assertThat(admissionQueue.waiting()).isEqualTo(6);
    assertThat(List.of(patient, urgent))
        .allMatch(waiter -> waiter.concurrencySlot == ConcurrencySlot.FREE);
  }

  @Test
  void the_time_to_the_first_token_counts_too() {
    admissionQueue.configure(1, true, 0);
    Waiter first = arrive("a");
    first.concurrencySlot.firstToken("r", 3 * SECOND);
    leave(first, 1);
    arrive("a");
    assertThat(arrive(Priority.NORMAL, "a", 1, 0, 3).rejection.reason())
        .isEqualTo(QueueRejection.Reason.TOO_LATE);
    assertThat(arrive(Priority.NORMAL, "a", 1, 0, 5).rejection.retryAfterNanos()).isZero();
  }

  @Test
  void an_unknown_value_never_means_full() {
    admissionQueue.configure(1, true, 0);
    for (int i = 0; i < 100; i++) {
      arrive(Priority.NORMAL, "a", 1, 0, 1);
    }
    assertThat(rejected).isEmpty();
  }

  @Test
  void a_quiet_hour_does_not_lower_the_estimated_throughput() {
    admissionQueue.configure(10, true, 0);
    for (int i = 0; i < 100; i++) {
      leave(arrive("a"), 1);
      now += 35 * SECOND;
    }
    for (int i = 0; i < 60; i++) {
      arrive(Priority.NORMAL, "a", 1, 0, 8);
    }
    assertThat(rejected).isEmpty();
  }

  @Test
  void a_request_that_waited_until_its_deadline_is_rejected_without_calling_an_engine() {
    admissionQueue.configure(1, true, 0);
    Waiter running = arrive("a");
    Waiter one = arrive(Priority.NORMAL, "a", 1, 0, 5);
    Waiter two = arrive(Priority.NORMAL, "a", 1, 0, 50);
    now += 6 * SECOND;
    admissionQueue.tick();
    assertThat(rejected).containsExactly(one);
    assertThat(one.rejection.reason()).isEqualTo(QueueRejection.Reason.WAITED);
    leave(running, 45);
    assertThat(rejected).containsExactly(one, two);
    assertThat(admissionQueue.tryAcquire()).isPresent();
  }

  @Test
  void in_a_full_queue_the_last_in_order_is_displaced() {
    admissionQueue.configure(1, true, 0);
    arrive("a");
    List<Waiter> low = new ArrayList<>();
    for (int i = 0; i < AdmissionQueue.MAX_WAITING; i++) {
      low.add(arrive(Priority.LOW, "a", 1, 0, 1_000));
    }
    assertThat(arrive(Priority.LOW, "a", 1, 0, 1_000).rejection.reason())
        .isEqualTo(QueueRejection.Reason.FULL);
    Waiter other = arrive(Priority.LOW, "b", 1, 0, 1_000);
    arrive(Priority.HIGH, "a", 1, 0, 1_000);
    assertThat(rejected).hasSize(3).doesNotContain(other);
    assertThat(rejected.subList(1, 3)).containsExactly(low.getLast(), low.get(low.size() - 2));
    assertThat(admissionQueue.waiting()).isEqualTo(AdmissionQueue.MAX_WAITING);
  }

  @Test
  void the_size_of_waiting_bodies_is_bounded() {
    admissionQueue.configure(1, true, 0);
    arrive("a");
    int half = (int) (AdmissionQueue.MAX_BYTES / 2);
    arrive(Priority.NORMAL, "a", 1, half, 1_000);
    Waiter second = arrive(Priority.NORMAL, "a", 1, half, 1_000);
    assertThat(arrive(Priority.NORMAL, "a", 1, 1, 1_000).rejection.reason())
        .isEqualTo(QueueRejection.Reason.FULL);
    second.leave.run();
    arrive(Priority.NORMAL, "a", 1, half, 1_000);
    assertThat(rejected).hasSize(1);
  }

  @Test
  void a_client_that_disconnected_is_not_called_and_takes_no_slot() {
    admissionQueue.configure(1, true, 0);
    Waiter running = arrive("a");
    Waiter disconnected = arrive("a");
    Waiter next = arrive("a");
    disconnected.leave.run();
    disconnected.leave.run();
    leave(running, 1);
    assertThat(admitted).containsExactly(running, next);
    assertThat(admissionQueue.waiting()).isZero();
  }

  @Test
  void without_a_replica_requests_wait_for_one_up_to_their_limit() {
    admissionQueue.configure(0, false, 0);
    Waiter one = arrive(Priority.NORMAL, "a", 1, 0, 5);
    Waiter two = arrive(Priority.NORMAL, "a", 1, 0, 50);
    now += 6 * SECOND;
    admissionQueue.tick();
    assertThat(rejected).containsExactly(one);
    assertThat(one.rejection.reason()).isEqualTo(QueueRejection.Reason.NO_REPLICA);
    admissionQueue.configure(0, true, 0);
    admissionQueue.tick();
    assertThat(admitted).containsExactly(two);
  }

  @Test
  void a_request_that_arrives_with_the_first_replica_does_not_wait_for_those_before_it_to_end() {
    for (int i = 0; i < 20; i++) {
      leave(arrive("a"), 1);
    }
    admissionQueue.configure(0, false, 0);
    for (int i = 0; i < 50; i++) {
      arrive("a");
    }
    admissionQueue.configure(0, true, 0);
    Waiter last = arrive(Priority.NORMAL, "a", 1, 0, 5);
    assertThat(rejected).isEmpty();
    assertThat(admitted).contains(last).hasSize(71);
  }
}
