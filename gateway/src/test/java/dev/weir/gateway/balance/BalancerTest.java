// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.exchange.Failure;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Isolation;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import dev.weir.testkit.ManualClock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BalancerTest {
  private final ManualClock clock = new ManualClock();
  private final Balancer balancer = new Balancer(clock);
  private final SplittableRandom random = new SplittableRandom(1);
  private final Arm arm =
      new Arm(
          "m@1",
          List.of(
              new ReplicaEntry("a", "http://a", "vllm", "m"),
              new ReplicaEntry("b", "http://b", "vllm", "m"),
              new ReplicaEntry("c", "http://c", "vllm", "m")));

  private Optional<Balancer.Pick> pick(Set<String> tried) {
    return pick(arm, tried);
  }

  private Optional<Balancer.Pick> pick(Arm of, Set<String> tried) {
    return balancer.pick(service(of, Isolation.DEFAULT), of, tried, random);
  }

  private static ServiceEntry service(Arm arm, Isolation policy) {
    return new ServiceEntry(
            "default/s", "default", "s", arm, List.of(), new Timeouts(1, 1, 1, 1), 20, 3, true, "")
        .with(policy);
  }

  private static Arm arm(int replicas) {
    return new Arm(
        "m@1",
        IntStream.range(0, replicas)
            .mapToObj(i -> new ReplicaEntry("r" + i, "http://r" + i, "vllm", "m"))
            .toList());
  }

  private static AttemptOutcome failed(Failure.Kind kind) {
    return AttemptOutcome.of(new Failure(kind, "it failed"), Optional.empty());
  }

  /// One attempt at that replica and no other.
  private void attempt(Arm of, String name, AttemptOutcome attemptOutcome) {
    Set<String> others =
        of.replicas().stream()
            .map(ReplicaEntry::name)
            .filter(other -> !other.equals(name))
            .collect(Collectors.toSet());
    pick(of, others).orElseThrow().ended(attemptOutcome);
  }

  private void open(Arm of, String... names) {
    for (String name : names) {
      for (int i = 0; i < 5; i++) {
        attempt(of, name, failed(Failure.Kind.RESET));
      }
      clock.advance(Duration.ofMillis(1));
    }
  }

  /// The replicas that get a share of many requests that are tried once.
  private Set<String> usedReplicas(Arm of) {
    Set<String> usedReplicas = new TreeSet<>();
    for (int i = 0; i < 20 * of.replicas().size(); i++) {
      usedReplicas.add(pick(of, Set.of()).orElseThrow().replica().name());
    }
    return usedReplicas;
  }

  @Test
  void load_spreads_evenly_because_the_least_loaded_replica_is_picked() {
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < 30; i++) {
      counts.merge(pick(Set.of()).orElseThrow().replica().name(), 1, Integer::sum);
    }
    assertThat(counts).containsExactlyInAnyOrderEntriesOf(Map.of("a", 10, "b", 10, "c", 10));
  }

  @Test
  void ties_are_broken_at_random() {
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < 3_000; i++) {
      Balancer.Pick pick = pick(Set.of()).orElseThrow();
      counts.merge(pick.replica().name(), 1, Integer::sum);
      pick.ended(AttemptOutcome.SUCCESS);
    }
    assertThat(counts.values()).allMatch(count -> count > 850 && count < 1_150);
  }

  @Test
  void tried_replicas_are_left_out() {
    assertThat(pick(Set.of("a", "b")).orElseThrow().replica().name()).isEqualTo("c");
    assertThat(pick(Set.of("a", "b", "c"))).isEmpty();
  }

  @Test
  void a_replica_that_refused_is_skipped_for_a_second_unless_it_is_the_last() {
    Balancer.Pick a = pick(Set.of("b", "c")).orElseThrow();
    a.ended(failed(Failure.Kind.CONNECT_FAILED));
    for (int i = 0; i < 10; i++) {
      assertThat(pick(Set.of()).orElseThrow().replica().name()).isNotEqualTo("a");
    }
    assertThat(pick(Set.of("b", "c")).orElseThrow().replica().name()).isEqualTo("a");
    clock.advance(Duration.ofSeconds(1));
    assertThat(pick(Set.of()).orElseThrow().replica().name()).isEqualTo("a");
  }

  @Test
  void counts_survive_a_sweep_while_something_is_in_flight() {
    Balancer.Pick a = pick(Set.of("b", "c")).orElseThrow();
    balancer.sweep(_ -> false);
    assertThat(balancer.inFlight(a.key())).isEqualTo(1);
    a.ended(AttemptOutcome.SUCCESS);
    a.ended(AttemptOutcome.SUCCESS);
    assertThat(balancer.inFlight(a.key())).isZero();
  }

  @Test
  void a_replica_whose_breaker_is_open_is_ejected() {
    Arm four = arm(4);
    open(four, "r1");
    assertThat(usedReplicas(four)).containsExactly("r0", "r2", "r3");
  }

  @Test
  void a_tenth_of_an_arm_is_ejected_at_most_and_one_always_may_be() {
    Arm ten = arm(10);
    open(ten, "r3", "r5");
    assertThat(usedReplicas(ten)).hasSize(9).doesNotContain("r5");
  }

  @Test
  void of_twenty_replicas_two_are_ejected_at_most_the_last_to_open() {
    Arm twenty = arm(20);
    open(twenty, "r13", "r15", "r17");
    assertThat(usedReplicas(twenty)).hasSize(18).doesNotContain("r15", "r17");
  }

  @Test
  void a_fast_failing_replica_that_may_not_be_ejected_gets_no_more_than_its_even_share() {
    Arm six = arm(6);
    open(six, "r3", "r4", "r5");
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < 1_200; i++) {
      Balancer.Pick pick = pick(six, Set.of()).orElseThrow();
      counts.merge(pick.replica().name(), 1, Integer::sum);
      if (pick.replica().name().equals("r3")) {
        pick.ended(failed(Failure.Kind.SERVER_ERROR));
      }
    }
    assertThat(counts.get("r3")).isBetween(150, 250);
    assertThat(counts).doesNotContainKey("r5");
  }

  @Test
  void a_request_that_failed_is_not_sent_to_a_suspect_while_another_is_left() {
    Arm six = arm(6);
    open(six, "r3", "r5");
    for (int i = 0; i < 100; i++) {
      assertThat(pick(six, Set.of("r0")).orElseThrow().replica().name()).isNotIn("r3", "r5");
    }
    assertThat(pick(six, Set.of("r0", "r1", "r2", "r4")).orElseThrow().replica().name())
        .isEqualTo("r3");
  }

  @Test
  void when_fewer_than_half_would_be_left_all_are_candidates_so_the_only_replica_always_is() {
    Arm one = arm(1);
    open(one, "r0");
    assertThat(usedReplicas(one)).containsExactly("r0");
  }

  @Test
  void a_whole_arm_may_be_ejected_only_when_the_caller_allows_it() {
    Arm one = arm(1);
    open(one, "r0");
    Isolation strict = new Isolation(5, 10_000, 100, 0, 100);
    assertThat(balancer.pick(service(one, strict), one, Set.of(), random)).isEmpty();
  }

  @Test
  void an_ejected_replica_serves_a_request_that_would_otherwise_fail() {
    Arm two = arm(2);
    open(two, "r1");
    assertThat(pick(two, Set.of("r0")).orElseThrow().replica().name()).isEqualTo("r1");
  }

  @Test
  void after_the_ejection_time_exactly_one_request_is_the_probe() {
    Arm two = arm(2);
    open(two, "r1");
    clock.advance(Duration.ofSeconds(10));
    Balancer.Pick probe = pick(two, Set.of()).orElseThrow();
    assertThat(probe.replica().name()).isEqualTo("r1");
    assertThat(usedReplicas(two)).containsExactly("r0");
    probe.ended(AttemptOutcome.SUCCESS);
    clock.advance(Duration.ofSeconds(10));
    assertThat(usedReplicas(two)).contains("r1");
  }

  @Test
  void a_returned_replica_gets_its_share_slowly() {
    Arm two = arm(2);
    open(two, "r1");
    clock.advance(Duration.ofSeconds(10));
    pick(two, Set.of()).orElseThrow().ended(AttemptOutcome.SUCCESS);
    clock.advance(Duration.ofSeconds(5));
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < 30; i++) {
      counts.merge(pick(two, Set.of()).orElseThrow().replica().name(), 1, Integer::sum);
    }
    assertThat(counts).isEqualTo(Map.of("r0", 20, "r1", 10));
  }

  @Test
  void a_full_replica_is_skipped_while_it_backs_off_unless_all_are_full() {
    Arm two = arm(2);
    attempt(two, "r0", failed(Failure.Kind.BACKPRESSURE));
    assertThat(usedReplicas(two)).containsExactly("r1");
    attempt(two, "r1", failed(Failure.Kind.BACKPRESSURE));
    assertThat(usedReplicas(two)).contains("r0");
  }

  @Test
  void unknown_values_never_count_against_a_replica() {
    Arm two = arm(2);
    attempt(two, "r0", AttemptOutcome.SUCCESS);
    clock.advance(Duration.ofDays(1));
    assertThat(usedReplicas(two)).containsExactly("r0", "r1");
  }

  @Test
  void a_request_that_met_a_full_replica_goes_only_to_replicas_with_capacity() {
    Arm two = arm(2);
    attempt(two, "r0", failed(Failure.Kind.BACKPRESSURE));
    assertThat(hasCapacityElsewhere(two, "r0")).isTrue();
    attempt(two, "r1", failed(Failure.Kind.BACKPRESSURE));
    assertThat(hasCapacityElsewhere(two, "r0")).isFalse();
    clock.advance(Duration.ofSeconds(1));
    assertThat(hasCapacityElsewhere(two, "r0")).isTrue();
  }

  @Test
  void while_most_replicas_report_full_no_request_is_retried() {
    Arm two = arm(2);
    for (int i = 0; i < 5; i++) {
      attempt(two, "r0", failed(Failure.Kind.BACKPRESSURE));
      attempt(two, "r1", AttemptOutcome.SUCCESS);
    }
    assertThat(hasCapacityElsewhere(two, "r0")).isTrue();
    attempt(two, "r0", failed(Failure.Kind.BACKPRESSURE));
    assertThat(hasCapacityElsewhere(two, "r0")).isFalse();
    clock.advance(Duration.ofSeconds(10));
    assertThat(hasCapacityElsewhere(two, "r0")).isTrue();
  }

  @Test
  void the_first_token_of_a_streamed_probe_ends_the_lease() {
    Arm two = arm(2);
    open(two, "r1");
    clock.advance(Duration.ofSeconds(10));
    Balancer.Pick probe = pick(two, Set.of()).orElseThrow();
    assertThat(Objects.requireNonNull(balancer.breakers().get("half_open")).getAsLong())
        .isEqualTo(1);

    probe.firstToken();

    assertThat(Objects.requireNonNull(balancer.breakers().get("closed")).getAsLong()).isEqualTo(2);
    assertThat(probe.ended(failed(Failure.Kind.CUT))).isTrue();
    assertThat(Objects.requireNonNull(balancer.breakers().get("open")).getAsLong()).isEqualTo(1);
  }

  private boolean hasCapacityElsewhere(Arm of, String tried) {
    return balancer.hasRoomElsewhere(service(of, Isolation.DEFAULT), of, Set.of(tried));
  }

  @Test
  void each_replica_reports_its_state_and_the_first_to_return_its_time() {
    Arm three = arm(3);
    ServiceEntry service = service(three, Isolation.DEFAULT);
    assertThat(balancer.nanosUntilReady(service, three)).hasValue(0);
    open(three, "r0");
    attempt(three, "r1", failed(Failure.Kind.CONNECT_FAILED));
    attempt(three, "r2", failed(Failure.Kind.BACKPRESSURE));
    clock.advance(Duration.ofMillis(300));
    assertThat(balancer.describeArm(service, three))
        .containsExactly(
            "r0: ejected for 9.7 s; last failure: it failed",
            "r1: refused a connection, skipped for 0.7 s; last failure: it failed",
            "r2: full, backing off for 0.7 s; last failure: it failed");
    assertThat(balancer.nanosUntilReady(service, three)).hasValue(700_000_000);
    assertThat(balancer.nanosUntilReady(service, arm(0))).isEmpty();
  }

  @Test
  void breakers_are_counted_by_state() {
    Arm three = arm(3);
    open(three, "r0");
    attempt(three, "r1", AttemptOutcome.SUCCESS);
    attempt(three, "r2", AttemptOutcome.SUCCESS);
    Map<String, Long> counts = new HashMap<>();
    balancer.breakers().forEach((state, count) -> counts.put(state, count.getAsLong()));
    assertThat(counts).isEqualTo(Map.of("closed", 2L, "open", 1L, "half_open", 0L));
  }

  @Test
  void retries_stay_a_share_of_requests_above_a_floor() {
    RetryBudget budget = new RetryBudget(clock);
    for (int i = 0; i < 1_000; i++) {
      budget.request();
    }
    int allowed = 0;
    while (budget.takeRetry(20)) {
      allowed++;
    }
    assertThat(allowed).isEqualTo(100 + 200);
    clock.advance(Duration.ofSeconds(5));
    assertThat(budget.takeRetry(20)).isFalse();
    clock.advance(Duration.ofSeconds(10));
    assertThat(budget.takeRetry(20)).isTrue();
  }
}
