// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.snapshot.RoutingSnapshot.Admission;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.Limits;
import dev.weir.snapshot.RoutingSnapshot.Priority;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LimiterTest {
  private static final Limits NONE = Limits.NONE;

  private long now = -5_000_000_000L;
  private int gateways = 1;
  private final Limiter limiter = new Limiter(() -> gateways, () -> now);

  private static KeyEntry key(String name, String tenant, Limits limits) {
    return new KeyEntry(
        name, "app", tenant, Long.MAX_VALUE, List.of(), false, limits, Priority.NORMAL);
  }

  private static ServiceEntry service(Limits whole, Limits perTenant) {
    return new ServiceEntry(
            "default/chat",
            "default",
            "chat",
            new Arm("chat@1", List.of()),
            List.of(),
            new Timeouts(1, 1, 1, 1),
            20,
            3,
            true,
            "")
        .with(new Admission(whole, perTenant, Map.of(), 0, 0));
  }

  private Permit admitted(KeyEntry key, ServiceEntry service, long tokens) {
    return switch (limiter.admit(key, service, tokens)) {
      case Limiter.LimitDecision.Admitted(Permit permit) -> permit;
      case Limiter.LimitDecision.Refused(LimitRejection refusal) ->
          throw new AssertionError(refusal.message());
    };
  }

  private LimitRejection refused(KeyEntry key, ServiceEntry service, long tokens) {
    return switch (limiter.admit(key, service, tokens)) {
      case Limiter.LimitDecision.Admitted _ -> throw new AssertionError("was admitted");
      case Limiter.LimitDecision.Refused(LimitRejection refusal) -> refusal;
    };
  }

  private int countAdmitted(KeyEntry key, ServiceEntry service, long tokens) {
    int in = 0;
    while (limiter.admit(key, service, tokens) instanceof Limiter.LimitDecision.Admitted) {
      in++;
    }
    return in;
  }

  private void pass(long millis) {
    now += TimeUnit.MILLISECONDS.toNanos(millis);
  }

  @Test
  void one_minutes_quota_is_admitted_at_once_and_then_one_by_one_as_it_refills() {
    KeyEntry key = key("a", "acme", new Limits(60, 0, 0));
    ServiceEntry open = service(NONE, NONE);
    assertThat(countAdmitted(key, open, 5)).isEqualTo(60);
    assertThat(refused(key, open, 5).headers()).containsEntry("retry-after", "1");
    pass(999);
    assertThat(countAdmitted(key, open, 5)).isZero();
    pass(1);
    assertThat(countAdmitted(key, open, 5)).isEqualTo(1);
    pass(10_000);
    assertThat(countAdmitted(key, open, 5)).isEqualTo(10);
    pass(3_600_000);
    assertThat(countAdmitted(key, open, 5)).isEqualTo(60);
  }

  @Test
  void a_refusal_names_the_limit_and_the_retry_time() {
    KeyEntry key = key("a", "acme", new Limits(2, 0, 0));
    ServiceEntry open = service(NONE, NONE);
    countAdmitted(key, open, 5);
    LimitRejection refusal = refused(key, open, 5);
    assertThat(refusal.scope()).isEqualTo(LimitScope.KEY);
    assertThat(refusal.what()).isEqualTo(LimitKind.REQUESTS);
    assertThat(refusal.message())
        .isEqualTo("the limit of 2 requests per minute of this key is reached");
    assertThat(refusal.headers())
        .containsEntry("retry-after", "30")
        .containsEntry("x-ratelimit-limit-requests", "2")
        .containsEntry("x-ratelimit-remaining-requests", "0")
        .containsEntry("x-ratelimit-reset-requests", "1m0s");
  }

  @Test
  void a_refusal_uses_nothing_of_any_limit() {
    ServiceEntry one = service(new Limits(1, 0, 0), new Limits(10, 0, 5));
    KeyEntry key = key("a", "acme", new Limits(10, 1_000, 5));
    assertThat(countAdmitted(key, one, 10)).isEqualTo(1);
    for (int i = 0; i < 100; i++) {
      assertThat(refused(key, one, 10).scope()).isEqualTo(LimitScope.SERVICE);
    }
    ServiceEntry two = service(NONE, new Limits(10, 0, 5));
    assertThat(admitted(key, two, 10).headers())
        .containsEntry("x-ratelimit-remaining-requests", "8")
        .containsEntry("x-ratelimit-remaining-tokens", "980");
  }

  @Test
  void keys_of_one_tenant_share_its_limit_and_another_tenant_has_its_own() {
    ServiceEntry service = service(NONE, new Limits(3, 0, 0));
    assertThat(countAdmitted(key("a", "acme", NONE), service, 1)).isEqualTo(3);
    assertThat(refused(key("b", "acme", NONE), service, 1).scope()).isEqualTo(LimitScope.TENANT);
    assertThat(countAdmitted(key("c", "other", NONE), service, 1)).isEqualTo(3);
  }

  @Test
  void the_unused_part_of_a_reservation_is_returned_at_the_end() {
    KeyEntry key = key("a", "acme", new Limits(0, 1_000, 0));
    ServiceEntry open = service(NONE, NONE);
    Permit permit = admitted(key, open, 900);
    assertThat(refused(key, open, 200).what()).isEqualTo(LimitKind.TOKENS);
    permit.settle(100);
    assertThat(permit.headers()).containsEntry("x-ratelimit-remaining-tokens", "900");
    admitted(key, open, 900);
  }

  @Test
  void usage_beyond_the_estimate_is_a_debt() {
    KeyEntry key = key("a", "acme", new Limits(0, 600, 0));
    ServiceEntry open = service(NONE, NONE);
    admitted(key, open, 100).settle(1_200);
    LimitRejection refusal = refused(key, open, 10);
    assertThat(refusal.headers())
        .containsEntry("retry-after", "60")
        .containsEntry("x-ratelimit-remaining-tokens", "0");
    pass(60_000);
    assertThat(refused(key, open, 10).headers()).containsEntry("retry-after", "1");
    pass(1_000);
    admitted(key, open, 10);
  }

  @Test
  void a_request_larger_than_the_whole_limit_is_refused_permanently() {
    KeyEntry key = key("a", "acme", new Limits(0, 600, 0));
    LimitRejection refusal = refused(key, service(NONE, NONE), 601);
    assertThat(refusal.message()).contains("601 tokens", "whole limit of 600");
    assertThat(refusal.headers()).containsEntry("x-should-retry", "false");
  }

  @Test
  void a_permit_ends_once() {
    KeyEntry key = key("a", "acme", new Limits(10, 1_000, 1));
    ServiceEntry open = service(NONE, NONE);
    Permit permit = admitted(key, open, 100);
    assertThat(refused(key, open, 100).what()).isEqualTo(LimitKind.CONCURRENCY);
    permit.settle(100);
    permit.settle(100);
    permit.cancel();
    Permit next = admitted(key, open, 100);
    assertThat(refused(key, open, 100).what()).isEqualTo(LimitKind.CONCURRENCY);
    assertThat(next.headers())
        .containsEntry("x-ratelimit-remaining-requests", "8")
        .containsEntry("x-ratelimit-remaining-tokens", "800");
    next.cancel();
    assertThat(next.headers())
        .containsEntry("x-ratelimit-remaining-requests", "9")
        .containsEntry("x-ratelimit-remaining-tokens", "900");
  }

  @Test
  void gateways_divide_a_limit_and_exceed_it_by_at_most_one_request_each() {
    KeyEntry key = key("a", "acme", new Limits(100, 0, 0));
    for (int count = 1; count <= 3; count++) {
      int among = count;
      int in = 0;
      for (int i = 0; i < count; i++) {
        Limiter one = new Limiter(() -> among, () -> now);
        while (one.admit(key, service(NONE, NONE), 1) instanceof Limiter.LimitDecision.Admitted) {
          in++;
        }
      }
      assertThat(in).isBetween(100, 100 + count - 1);
    }
  }

  @Test
  void a_gateway_that_learns_of_others_takes_a_smaller_part_of_the_rest() {
    KeyEntry key = key("a", "acme", new Limits(60, 0, 4));
    ServiceEntry open = service(NONE, NONE);
    for (int i = 0; i < 30; i++) {
      admitted(key, open, 1).settle(1);
    }
    gateways = 2;
    for (int i = 0; i < 15; i++) {
      admitted(key, open, 1).settle(1);
    }
    assertThat(refused(key, open, 1).what()).isEqualTo(LimitKind.REQUESTS);
    pass(2_000);
    admitted(key, open, 1);
    pass(2_000);
    admitted(key, open, 1);
    pass(2_000);
    assertThat(refused(key, open, 1).what()).isEqualTo(LimitKind.CONCURRENCY);
  }

  @Test
  void a_request_larger_than_one_gateways_part_waits_until_it_is_full_and_leaves_a_debt() {
    gateways = 3;
    KeyEntry key = key("a", "acme", new Limits(0, 600, 0));
    ServiceEntry open = service(NONE, NONE);
    admitted(key, open, 500).settle(500);
    pass(149_000);
    assertThat(refused(key, open, 500).headers()).containsEntry("retry-after", "1");
    pass(1_000);
    admitted(key, open, 500);
  }

  @Test
  void a_key_without_recent_usage_is_forgotten_without_any_effect() {
    ServiceEntry open = service(NONE, NONE);
    KeyEntry key = key("a", "acme", new Limits(60, 0, 1));
    Permit running = admitted(key, open, 1);
    for (int i = 0; i < 1_000; i++) {
      admitted(key("k" + i, "acme", new Limits(60, 0, 0)), open, 1).settle(1);
    }
    limiter.sweep();
    assertThat(limiter.size()).isEqualTo(1_001);
    pass(1_000);
    limiter.sweep();
    assertThat(limiter.size()).isEqualTo(1);
    assertThat(refused(key, open, 1).what()).isEqualTo(LimitKind.CONCURRENCY);
    running.settle(1);
    limiter.sweep();
    assertThat(limiter.size()).isZero();
  }

  @Test
  void no_window_of_a_minute_has_more_than_two_minutes_quota_of_tokens() {
    SplittableRandom random = new SplittableRandom(42);
    KeyEntry key = key("a", "acme", new Limits(0, 10_000, 0));
    ServiceEntry open = service(NONE, NONE);
    List<long[]> used = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      pass(random.nextLong(100));
      long estimate = 1 + random.nextLong(400);
      if (limiter.admit(key, open, estimate)
          instanceof Limiter.LimitDecision.Admitted(Permit permit)) {
        long actual = random.nextLong(estimate + 1);
        permit.settle(actual);
        used.add(new long[] {now, actual});
      }
    }
    for (int i = 0; i < used.size(); i += 97) {
      long from = used.get(i)[0];
      long sum =
          used.stream()
              .filter(u -> u[0] >= from && u[0] - from < TokenBucket.PERIOD_NANOS)
              .mapToLong(u -> u[1])
              .sum();
      assertThat(sum).isLessThanOrEqualTo(20_000);
    }
  }

  @Test
  void times_are_written_in_the_format_that_clients_expect() {
    assertThat(RateHeaders.duration(0)).isEqualTo("0s");
    assertThat(RateHeaders.duration(120_000_000)).isEqualTo("120ms");
    assertThat(RateHeaders.duration(1_000_000_001L)).isEqualTo("2s");
    assertThat(RateHeaders.duration(360_000_000_000L)).isEqualTo("6m0s");
  }

  @Test
  void the_length_of_answers_is_learned_for_each_service() {
    OutputLengths lengths = new OutputLengths();
    assertThat(lengths.expected("a")).isEqualTo(OutputLengths.FIRST_GUESS);
    for (int i = 0; i < 300; i++) {
      lengths.learn("a", 40);
    }
    assertThat(lengths.expected("a")).isEqualTo(40);
    assertThat(lengths.expected("b")).isEqualTo(OutputLengths.FIRST_GUESS);
    lengths.sweep("b"::equals);
    assertThat(lengths.expected("a")).isEqualTo(OutputLengths.FIRST_GUESS);
  }
}
