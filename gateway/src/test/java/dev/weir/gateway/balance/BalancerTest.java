// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.testkit.ManualClock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
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
    return balancer.pick("s", arm, tried, random);
  }

  @Test
  void load_spreads_evenly_because_the_emptiest_is_picked() {
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < 30; i++) {
      counts.merge(pick(Set.of()).orElseThrow().replica().name(), 1, Integer::sum);
    }
    assertThat(counts).containsExactlyInAnyOrderEntriesOf(Map.of("a", 10, "b", 10, "c", 10));
  }

  @Test
  void ties_are_broken_by_chance() {
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < 3_000; i++) {
      Balancer.Pick pick = pick(Set.of()).orElseThrow();
      counts.merge(pick.replica().name(), 1, Integer::sum);
      pick.release();
    }
    assertThat(counts.values()).allMatch(count -> count > 850 && count < 1_150);
  }

  @Test
  void tried_replicas_are_left_out() {
    assertThat(pick(Set.of("a", "b")).orElseThrow().replica().name()).isEqualTo("c");
    assertThat(pick(Set.of("a", "b", "c"))).isEmpty();
  }

  @Test
  void a_replica_that_refused_is_passed_over_for_a_second_unless_it_is_the_last() {
    Balancer.Pick a = pick(Set.of("b", "c")).orElseThrow();
    a.refused();
    a.release();
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
    a.release();
    a.release();
    assertThat(balancer.inFlight(a.key())).isZero();
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
