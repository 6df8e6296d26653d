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
  private final List<Person> seated = new ArrayList<>();
  private final List<Person> away = new ArrayList<>();

  /// A request that waits for a slot.
  private final class Person implements QueueListener {
    final String tenant;
    ConcurrencySlot concurrencySlot = ConcurrencySlot.FREE;
    QueueRejection rejection = new QueueRejection(QueueRejection.Reason.WAITED, 0);
    Runnable leave = () -> {};
    int signs;

    Person(String tenant) {
      this.tenant = tenant;
    }

    @Override
    public void admitted(ConcurrencySlot place) {
      concurrencySlot = place;
      seated.add(this);
    }

    @Override
    public void keepAlive() {
      signs++;
    }

    @Override
    public void rejected(QueueRejection why) {
      rejection = why;
      away.add(this);
    }
  }

  private Person comes(Priority priority, String tenant, int weight, int bytes, long seconds) {
    Person person = new Person(tenant);
    admissionQueue
        .tryAcquire()
        .ifPresentOrElse(
            person::admitted,
            () ->
                person.leave =
                    admissionQueue.enqueue(
                        new AdmissionRequest(
                            priority,
                            tenant,
                            weight,
                            100,
                            bytes,
                            now + seconds * SECOND,
                            now + seconds * SECOND),
                        person));
    return person;
  }

  private Person comes(String tenant) {
    return comes(Priority.NORMAL, tenant, 1, 0, 1_000);
  }

  private void leaves(Person person, long afterSeconds) {
    now += afterSeconds * SECOND;
    person.concurrencySlot.leave();
  }

  private long seatedOf(String tenant) {
    return seated.stream().filter(person -> person.tenant.equals(tenant)).count();
  }

  @Test
  void optional_work_gets_a_slot_while_half_of_them_are_free() {
    admissionQueue.configure(4, true, 0);
    assertThat(admissionQueue.tryAcquireSpare()).isPresent();
    ConcurrencySlot second = admissionQueue.tryAcquireSpare().orElseThrow();
    assertThat(admissionQueue.tryAcquireSpare()).isEmpty();
    comes("a");
    second.leave();
    assertThat(admissionQueue.tryAcquireSpare()).as("two slots are still taken").isEmpty();
    comes("a");
    comes("a");
    comes("a");
    assertThat(seated).hasSize(3);
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
    Person first = comes("a");
    comes("a");
    Person third = comes("a");
    Person fourth = comes("a");
    assertThat(seated).hasSize(2);
    leaves(first, 1);
    leaves(first, 0);
    assertThat(seated).hasSize(3).last().isSameAs(third);
    assertThat(admissionQueue.waiting()).isEqualTo(1);
    leaves(third, 1);
    assertThat(seated).last().isSameAs(fourth);
    assertThat(away).isEmpty();
  }

  @Test
  void a_waiting_request_is_notified_every_ten_seconds_until_it_is_admitted() {
    admissionQueue.configure(1, true, 0);
    Person first = comes("a");
    Person waits = comes("a");
    now += 9 * SECOND;
    admissionQueue.tick();
    assertThat(waits.signs).isZero();
    now += SECOND;
    admissionQueue.tick();
    admissionQueue.tick();
    assertThat(waits.signs).isEqualTo(1);
    now += 10 * SECOND;
    admissionQueue.tick();
    assertThat(waits.signs).isEqualTo(2);
    leaves(first, 20);
    admissionQueue.tick();
    assertThat(waits.signs).isEqualTo(2);
    assertThat(first.signs).isZero();
  }

  @Test
  void one_hanging_replica_limits_no_request_and_replicas_that_are_all_late_do() {
    admissionQueue.configure(0, true, 10 * SECOND);
    Person person = comes("a");
    person.concurrencySlot.firstToken("one", SECOND / 10);
    admissionQueue.tick();
    for (int i = 0; i < 50; i++) {
      person.concurrencySlot.noFirstToken("two", 10 * SECOND);
    }
    now += 5 * SECOND;
    admissionQueue.tick();
    assertThat(admissionQueue.capacity()).isZero();
    for (int i = 0; i < 50; i++) {
      person.concurrencySlot.firstToken("one", 8 * SECOND);
    }
    now += SECOND;
    admissionQueue.tick();
    assertThat(admissionQueue.capacity()).isEqualTo(1);
  }

  @Test
  void a_rejected_request_costs_its_tenant_no_turn() {
    admissionQueue.configure(1, true, 0);
    Person first = comes("quiet");
    for (int i = 0; i < 10; i++) {
      comes(Priority.NORMAL, "flood", 1, 0, 1);
    }
    Person patient = comes("flood");
    for (int i = 0; i < 3; i++) {
      comes("quiet");
    }
    now += 2 * SECOND;
    admissionQueue.tick();
    assertThat(away).hasSize(10);
    leaves(first, 0);
    leaves(seated.getLast(), 0);
    assertThat(seated).contains(patient);
    assertThat(admissionQueue.waiting()).isEqualTo(2);
  }

  @Test
  void a_rejected_request_gives_its_tenant_no_turn_either() {
    admissionQueue.configure(1, true, 0);
    Person first = comes("quiet");
    comes(Priority.NORMAL, "flood", 1, 0, 1);
    Person patient = comes("flood");
    Person quiet = comes("quiet");
    Person quietToo = comes("quiet");
    now += 2 * SECOND;
    admissionQueue.tick();
    comes("flood");
    leaves(first, 0);
    leaves(seated.getLast(), 0);
    assertThat(seated).contains(patient, quiet);
    leaves(seated.getLast(), 0);
    assertThat(seated).last().isSameAs(quietToo);
  }

  @Test
  void a_flooding_tenant_leaves_the_other_its_share() {
    admissionQueue.configure(1, true, 0);
    for (int i = 0; i < 1_000; i++) {
      comes("flood");
    }
    for (int i = 0; i < 20; i++) {
      comes("quiet");
    }
    for (int i = 0; i < 40; i++) {
      leaves(seated.getLast(), 0);
    }
    assertThat(seatedOf("quiet")).isEqualTo(20);
  }

  @Test
  void shares_follow_the_weights_regardless_of_the_order_of_arrival() {
    admissionQueue.configure(1, true, 0);
    List<String> tenants = new ArrayList<>(Collections.nCopies(600, "one"));
    tenants.addAll(Collections.nCopies(600, "three"));
    SplittableRandom random = new SplittableRandom(7);
    while (!tenants.isEmpty()) {
      String tenant = tenants.remove(random.nextInt(tenants.size()));
      comes(Priority.NORMAL, tenant, tenant.equals("three") ? 3 : 1, 0, 1_000);
    }
    seated.clear();
    Person running = comes("none");
    assertThat(running.concurrencySlot).isSameAs(ConcurrencySlot.FREE);
    admissionQueue.configure(2, true, 0);
    admissionQueue.tick();
    while (seated.size() < 401) {
      leaves(seated.getLast(), 0);
    }
    assertThat(seatedOf("three")).isBetween(298L, 302L);
  }

  @Test
  void priority_precedes_arrival_and_low_priority_delays_no_other_request() {
    admissionQueue.configure(1, true, 0);
    Person running = comes("a");
    Person low = comes(Priority.LOW, "a", 1, 0, 1_000);
    Person normal = comes(Priority.NORMAL, "a", 1, 0, 1_000);
    Person high = comes(Priority.HIGH, "b", 1, 0, 1_000);
    leaves(running, 1);
    leaves(high, 1);
    leaves(normal, 1);
    assertThat(seated).containsExactly(running, high, normal, low);
  }

  @Test
  void a_request_that_would_miss_its_deadline_is_refused_at_once_with_the_time_until_a_slot() {
    admissionQueue.configure(1, true, 0);
    for (int i = 0; i < 12; i++) {
      leaves(comes("a"), 1);
    }
    comes("a");
    for (int i = 0; i < 4; i++) {
      comes(Priority.NORMAL, "a", 1, 0, 10);
    }
    Person late = comes(Priority.NORMAL, "a", 1, 0, 4);
    assertThat(late.rejection.reason()).isEqualTo(QueueRejection.Reason.TOO_LATE);
    assertThat(Duration.ofNanos(late.rejection.retryAfterNanos()))
        .isBetween(Duration.ofSeconds(4), Duration.ofSeconds(6));
    Person patient = comes(Priority.NORMAL, "a", 1, 0, 10);
    Person urgent = comes(Priority.HIGH, "a", 1, 0, 4);
    assertThat(away).containsExactly(late);
    assertThat(admissionQueue.waiting()).isEqualTo(6);
    assertThat(List.of(patient, urgent))
        .allMatch(person -> person.concurrencySlot == ConcurrencySlot.FREE);
  }

  @Test
  void the_time_to_the_first_token_counts_too() {
    admissionQueue.configure(1, true, 0);
    Person first = comes("a");
    first.concurrencySlot.firstToken("r", 3 * SECOND);
    leaves(first, 1);
    comes("a");
    assertThat(comes(Priority.NORMAL, "a", 1, 0, 3).rejection.reason())
        .isEqualTo(QueueRejection.Reason.TOO_LATE);
    assertThat(comes(Priority.NORMAL, "a", 1, 0, 5).rejection.retryAfterNanos()).isZero();
  }

  @Test
  void an_unknown_value_never_means_full() {
    admissionQueue.configure(1, true, 0);
    for (int i = 0; i < 100; i++) {
      comes(Priority.NORMAL, "a", 1, 0, 1);
    }
    assertThat(away).isEmpty();
  }

  @Test
  void a_quiet_hour_does_not_lower_the_estimated_throughput() {
    admissionQueue.configure(10, true, 0);
    for (int i = 0; i < 100; i++) {
      leaves(comes("a"), 1);
      now += 35 * SECOND;
    }
    for (int i = 0; i < 60; i++) {
      comes(Priority.NORMAL, "a", 1, 0, 8);
    }
    assertThat(away).isEmpty();
  }

  @Test
  void a_request_that_waited_until_its_deadline_is_rejected_without_calling_an_engine() {
    admissionQueue.configure(1, true, 0);
    Person running = comes("a");
    Person one = comes(Priority.NORMAL, "a", 1, 0, 5);
    Person two = comes(Priority.NORMAL, "a", 1, 0, 50);
    now += 6 * SECOND;
    admissionQueue.tick();
    assertThat(away).containsExactly(one);
    assertThat(one.rejection.reason()).isEqualTo(QueueRejection.Reason.WAITED);
    leaves(running, 45);
    assertThat(away).containsExactly(one, two);
    assertThat(admissionQueue.tryAcquire()).isPresent();
  }

  @Test
  void in_a_full_queue_the_last_in_order_is_displaced() {
    admissionQueue.configure(1, true, 0);
    comes("a");
    List<Person> low = new ArrayList<>();
    for (int i = 0; i < AdmissionQueue.MAX_WAITING; i++) {
      low.add(comes(Priority.LOW, "a", 1, 0, 1_000));
    }
    assertThat(comes(Priority.LOW, "a", 1, 0, 1_000).rejection.reason())
        .isEqualTo(QueueRejection.Reason.FULL);
    Person other = comes(Priority.LOW, "b", 1, 0, 1_000);
    comes(Priority.HIGH, "a", 1, 0, 1_000);
    assertThat(away).hasSize(3).doesNotContain(other);
    assertThat(away.subList(1, 3)).containsExactly(low.getLast(), low.get(low.size() - 2));
    assertThat(admissionQueue.waiting()).isEqualTo(AdmissionQueue.MAX_WAITING);
  }

  @Test
  void the_size_of_waiting_bodies_is_bounded() {
    admissionQueue.configure(1, true, 0);
    comes("a");
    int half = (int) (AdmissionQueue.MAX_BYTES / 2);
    comes(Priority.NORMAL, "a", 1, half, 1_000);
    Person second = comes(Priority.NORMAL, "a", 1, half, 1_000);
    assertThat(comes(Priority.NORMAL, "a", 1, 1, 1_000).rejection.reason())
        .isEqualTo(QueueRejection.Reason.FULL);
    second.leave.run();
    comes(Priority.NORMAL, "a", 1, half, 1_000);
    assertThat(away).hasSize(1);
  }

  @Test
  void a_client_that_disconnected_is_not_called_and_takes_no_slot() {
    admissionQueue.configure(1, true, 0);
    Person running = comes("a");
    Person gone = comes("a");
    Person next = comes("a");
    gone.leave.run();
    gone.leave.run();
    leaves(running, 1);
    assertThat(seated).containsExactly(running, next);
    assertThat(admissionQueue.waiting()).isZero();
  }

  @Test
  void without_a_replica_requests_wait_for_one_up_to_their_limit() {
    admissionQueue.configure(0, false, 0);
    Person one = comes(Priority.NORMAL, "a", 1, 0, 5);
    Person two = comes(Priority.NORMAL, "a", 1, 0, 50);
    now += 6 * SECOND;
    admissionQueue.tick();
    assertThat(away).containsExactly(one);
    assertThat(one.rejection.reason()).isEqualTo(QueueRejection.Reason.NO_REPLICA);
    admissionQueue.configure(0, true, 0);
    admissionQueue.tick();
    assertThat(seated).containsExactly(two);
  }
}
