// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.observation.ControlClock;
import dev.weir.model.Resources;
import dev.weir.model.Service;
import dev.weir.model.spec.AlertEvent;
import dev.weir.model.spec.ServiceSpec;
import dev.weir.model.spec.SloSpec;
import dev.weir.model.spec.SloSpec.LatencyObjective;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.Severity;
import dev.weir.model.value.VersionRef;
import dev.weir.snapshot.LatencyBuckets;
import dev.weir.snapshot.Telemetry.ReplicaSlice;
import dev.weir.testkit.ManualClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BurnRateTest {
  private final ManualClock clock = new ManualClock();
  private final Service service = Resources.service("chat", new VersionRef("chat", "1"));
  private final SloTracker sloTracker =
      new SloTracker(new ControlClock(clock, clock), name -> Duration.ofSeconds(2));

  private static ReplicaSlice slice(long good, long bad, Map<Integer, Long> ttft) {
    return slice(good, bad, ttft, Map.of());
  }

  private static ReplicaSlice slice(
      long good, long bad, Map<Integer, Long> ttft, Map<Integer, Long> firstBytes) {
    return new ReplicaSlice(
        "default/chat",
        "chat@1",
        "chat-1-0",
        0,
        5_000,
        good,
        bad,
        0,
        3,
        0,
        0,
        0,
        ttft,
        Map.of(),
        Map.of(),
        firstBytes);
  }

  /// So many attempts every five seconds.
  private void pass(Duration time, long good, long bad) {
    for (long left = time.toSeconds(); left > 0; left -= 5) {
      sloTracker.add(List.of(slice(good, bad, Map.of())));
      clock.advance(Duration.ofSeconds(5));
    }
  }

  private List<String> burning(Service of) {
    return BurnRate.of(of, sloTracker).stream()
        .map(condition -> condition.key() + " " + condition.severity().text())
        .toList();
  }

  @Test
  void a_service_that_keeps_its_promise_burns_nothing() {
    pass(Duration.ofHours(7), 995, 5);
    assertThat(burning(service)).isEmpty();
  }

  @Test
  void an_outage_is_a_page_within_minutes_and_over_five_minutes_after_its_end() {
    pass(Duration.ofHours(2), 100, 0);
    pass(Duration.ofMinutes(5), 0, 100);
    assertThat(burning(service)).as("8 % of an hour is not 14.4 %").isEmpty();
    pass(Duration.ofMinutes(5), 0, 100);
    assertThat(burning(service)).contains("sloAvailability default/chat fast critical");
    pass(Duration.ofMinutes(6), 100, 0);
    assertThat(burning(service)).doesNotContain("sloAvailability default/chat fast critical");
  }

  @Test
  void an_outage_of_who_promises_little_is_a_page_too() {
    Service modest = promising(Percentage.of(60));
    pass(Duration.ofHours(1), 60, 40);
    assertThat(burning(modest)).isEmpty();
    pass(Duration.ofHours(1), 0, 100);
    assertThat(burning(modest)).contains("sloAvailability default/chat fast critical");
  }

  @Test
  void a_slow_leak_is_a_warning_and_no_page() {
    pass(Duration.ofHours(6), 930, 70);
    assertThat(burning(service)).containsExactly("sloAvailability default/chat slow warning");
  }

  @Test
  void few_failures_say_nothing() {
    pass(Duration.ofSeconds(45), 0, 1);
    assertThat(burning(service)).isEmpty();
    pass(Duration.ofSeconds(5), 0, 1);
    assertThat(burning(service)).isNotEmpty();
  }

  @Test
  void an_answer_in_one_piece_has_no_first_token_that_could_be_late() {
    int slow = LatencyBuckets.indexOfMicros(9_000_000);
    int early = LatencyBuckets.indexOfMicros(500_000);
    Map<Integer, Long> ttft = Map.of(slow, 80L, early, 20L);
    sloTracker.add(List.of(slice(100, 0, ttft, Map.of(slow, 79L))));
    assertThat(sloTracker.last("default/chat", Duration.ofMinutes(5)))
        .extracting(SloTracker.Counts::firstTokens, SloTracker.Counts::late)
        .containsExactly(21L, 1L);
    assertThat(burning(service)).isEmpty();
  }

  @Test
  void first_tokens_that_are_late_burn_their_own_budget() {
    int late = LatencyBuckets.indexOfMicros(2_500_000);
    int early = LatencyBuckets.indexOfMicros(500_000);
    sloTracker.add(List.of(slice(100, 0, Map.of(late, 80L, early, 20L))));
    assertThat(BurnRate.of(service, sloTracker))
        .isNotEmpty()
        .allSatisfy(condition -> {
          assertThat(condition.event()).isEqualTo(AlertEvent.SLO_FIRST_TOKEN);
          assertThat(condition.summary()).contains("80 of 100 first tokens late");
        });
    assertThat(BurnRate.of(service, sloTracker))
        .extracting(AlertCondition::severity)
        .containsExactly(Severity.CRITICAL, Severity.WARNING);
  }

  @Test
  void a_service_may_promise_more_or_less() {
    pass(Duration.ofMinutes(30), 80, 20);
    assertThat(burning(service)).isNotEmpty();
    assertThat(burning(promising(Percentage.of(80)))).isEmpty();
    assertThat(BurnRate.firstTokenWithin(service)).isEqualTo(Duration.ofSeconds(10));
    assertThat(BurnRate.firstTokenWithin(promising(Percentage.of(80))))
        .isEqualTo(Duration.ofSeconds(2));
  }

  private Service promising(Percentage availability) {
    ServiceSpec spec = service.spec();
    return service.withSpec(
        new ServiceSpec(
            spec.version(),
            spec.placements(),
            spec.release(),
            spec.traffic(),
            new SloSpec(availability, Optional.of(new LatencyObjective(Duration.ofSeconds(2))))));
  }
}
