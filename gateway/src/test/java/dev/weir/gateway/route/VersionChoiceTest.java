// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.exchange.CohortMembership;
import dev.weir.gateway.exchange.SessionUnit;
import dev.weir.gateway.exchange.VersionDecision;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Audience;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VersionChoiceTest {
  private static final RequestOrigin ANYBODY = caller("acme", Map.of());

  private long nanos;
  private final Sessions sessions = new Sessions(3, () -> nanos);
  private final VersionChoice choice = new VersionChoice(sessions);

  private static RequestOrigin caller(String tenant, Map<String, String> headers) {
    return new RequestOrigin(
        new KeyEntry("h", "app", tenant, Long.MAX_VALUE, List.of(), false),
        name -> Optional.ofNullable(headers.get(name)));
  }

  private static CanaryArm canary(int weight, int step) {
    return new CanaryArm(new Arm("m@2", List.of()), "ns/s-1", step, "salt", weight, true);
  }

  private static ServiceEntry service(CanaryArm canary) {
    return new ServiceEntry(
        "ns/s",
        "ns",
        "s",
        new Arm("m@1", List.of()),
        List.of(canary),
        new Timeouts(1, 1, 1, 1),
        20,
        3,
        true,
        "");
  }

  @Test
  void raising_the_weight_moves_no_caller_back() {
    for (int i = 0; i < 2_000; i++) {
      RandomizationUnit unit = new RandomizationUnit.Session("s" + i);
      boolean before = false;
      for (int weight = 0; weight <= 1_000_000; weight += 50_000) {
        boolean now = choice.choose(service(canary(weight, 0)), ANYBODY, unit, true).toCanary();
        assertThat(before && !now).isFalse();
        before = now;
      }
      assertThat(before).isTrue();
    }
  }

  @Test
  void with_weight_0_or_an_ended_lease_the_canary_is_never_chosen() {
    for (int i = 0; i < 1_000; i++) {
      RandomizationUnit unit = new RandomizationUnit.Lone(i);
      assertThat(choice.choose(service(canary(0, 0)), ANYBODY, unit, true).toCanary()).isFalse();
      assertThat(choice.choose(service(canary(1_000_000, 0)), ANYBODY, unit, false).toCanary())
          .isFalse();
    }
  }

  @Test
  void a_session_counts_once_per_step_and_the_memory_is_bounded() {
    ServiceEntry first = service(canary(500_000, 0));
    assertThat(member(first, "a")).isEqualTo(CohortMembership.COUNTED);
    assertThat(member(first, "a")).isEqualTo(CohortMembership.SESSION_REPEATED);
    assertThat(member(first, "b")).isEqualTo(CohortMembership.COUNTED);
    assertThat(member(first, "c")).isEqualTo(CohortMembership.COUNTED);
    assertThat(member(first, "d")).isEqualTo(CohortMembership.SESSIONS_FULL);
    ServiceEntry next = service(canary(500_000, 1));
    assertThat(member(next, "a")).isEqualTo(CohortMembership.COUNTED);
    assertThat(member(first, "e")).isEqualTo(CohortMembership.SESSIONS_FULL);
    assertThat(member(next, "a")).isEqualTo(CohortMembership.SESSION_REPEATED);
  }

  @Test
  void a_session_is_joined_by_four_more_requests_within_half_a_minute() {
    ServiceEntry service = service(canary(500_000, 0));
    VersionDecision first = drawn(service, "a");
    assertThat(first.turn()).isEqualTo(1);
    assertThat(drawn(service, "a").membership())
        .as("the first has no index yet")
        .isEqualTo(CohortMembership.SESSION_REPEATED);
    first.session().orElseThrow().setPlace(new SessionUnit.Place(7, 3));
    for (int turn = 2; turn <= 5; turn++) {
      VersionDecision further = drawn(service, "a");
      assertThat(further.membership()).isEqualTo(CohortMembership.JOINED);
      assertThat(further.turn()).isEqualTo(turn);
      assertThat(further.session().flatMap(SessionUnit::place))
          .contains(new SessionUnit.Place(7, 3));
    }
    assertThat(member(service, "a")).isEqualTo(CohortMembership.SESSION_REPEATED);
    drawn(service, "b").session().orElseThrow().setPlace(new SessionUnit.Place(7, 4));
    nanos = Duration.ofSeconds(30).toNanos();
    assertThat(member(service, "b"))
        .as("the session window has ended")
        .isEqualTo(CohortMembership.SESSION_REPEATED);
  }

  private VersionDecision drawn(ServiceEntry service, String session) {
    return choice.choose(service, ANYBODY, new RandomizationUnit.Session(session), true);
  }

  private CohortMembership member(ServiceEntry service, String session) {
    return choice
        .choose(service, ANYBODY, new RandomizationUnit.Session(session), true)
        .membership();
  }

  @Test
  void a_caller_outside_the_audience_goes_to_stable_uncounted_and_takes_no_session_slot() {
    CanaryArm canary =
        canary(1_000_000, 0)
            .with(
                List.of(
                    new Audience(Map.of("x-beta", "yes", "x-team", "search"), List.of()),
                    new Audience(Map.of("x-beta", "yes"), List.of("acme", "globex")),
                    new Audience(Map.of(), List.of("inside"))));
    assertThat(fits(canary, "other", Map.of("x-beta", "yes", "x-team", "search"))).isTrue();
    assertThat(fits(canary, "globex", Map.of("x-beta", "yes"))).isTrue();
    assertThat(fits(canary, "inside", Map.of())).isTrue();
    assertThat(fits(canary, "other", Map.of("x-beta", "yes"))).isFalse();
    assertThat(fits(canary, "acme", Map.of("x-beta", "no"))).isFalse();
    assertThat(fits(canary, "acme", Map.of())).isFalse();
    ServiceEntry service = service(canary);
    for (int i = 0; i < 10; i++) {
      assertThat(
              choice
                  .choose(service, ANYBODY, new RandomizationUnit.Session("s" + i), true)
                  .weightMillionths())
          .isZero();
    }
    RequestOrigin insider = caller("inside", Map.of());
    assertThat(
            choice.choose(service, insider, new RandomizationUnit.Session("s"), true).membership())
        .isEqualTo(CohortMembership.COUNTED);
  }

  private boolean fits(CanaryArm canary, String tenant, Map<String, String> headers) {
    VersionDecision decision =
        choice.choose(
            service(canary), caller(tenant, headers), new RandomizationUnit.Lone(1), true);
    assertThat(decision.membership())
        .isEqualTo(
            decision.toCanary() ? CohortMembership.COUNTED : CohortMembership.NOT_IN_AUDIENCE);
    return decision.toCanary();
  }

  @Test
  void a_pin_accepts_the_version_by_either_name() {
    ServiceEntry service = service(canary(0, 0));
    assertThat(choice.pin(service, "2", true).orElseThrow().toCanary()).isTrue();
    assertThat(choice.pin(service, "m@1", true).orElseThrow().arm().version()).isEqualTo("m@1");
    assertThat(choice.pin(service, "2", false)).isEmpty();
    assertThat(choice.pin(service, "3", true)).isEmpty();
  }
}
