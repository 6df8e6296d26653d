// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.policy.Freezes.Frozen;
import dev.weir.model.Policy;
import dev.weir.model.Resources;
import dev.weir.model.spec.PolicySpec;
import dev.weir.model.spec.PolicySpec.ConcurrentRollouts;
import dev.weir.model.spec.PolicySpec.Freeze;
import dev.weir.model.spec.PolicySpec.OnRunning;
import dev.weir.model.spec.PolicySpec.Weekday;
import dev.weir.model.spec.PolicySpec.Weekly;
import dev.weir.model.status.NoStatus;
import dev.weir.model.value.Metadata;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FreezesTest {
  private static final String BERLIN = "Europe/Berlin";

  private static Freeze weekly(String from, String to, String zone, Weekday... days) {
    Weekly window = new Weekly(List.of(days), from, to, zone);
    return new Freeze(
        "nights", Optional.of(window), Optional.empty(), Optional.empty(), OnRunning.CONTINUE);
  }

  private static Freeze once(String from, String until) {
    return new Freeze(
        "launch",
        Optional.empty(),
        Optional.of(Instant.parse(from)),
        Optional.of(Instant.parse(until)),
        OnRunning.PAUSE);
  }

  private static Optional<Frozen> at(String now, Freeze... freezes) {
    Policy policy = Resources.policy("calm", Arrays.asList(freezes), 0, 0);
    return new Freezes(List.of(policy), Instant.parse(now)).of("default");
  }

  private static String opens(String now, Freeze... freezes) {
    return at(now, freezes).flatMap(Frozen::opens).map(Instant::toString).orElse("open");
  }

  @Test
  void a_night_lasts_until_the_next_morning() {
    Freeze nights = weekly("22:00", "06:00", "UTC");
    assertThat(opens("2026-03-04T21:59:59Z", nights)).isEqualTo("open");
    assertThat(opens("2026-03-04T22:00:00Z", nights)).isEqualTo("2026-03-05T06:00:00Z");
    assertThat(opens("2026-03-05T05:59:59Z", nights)).isEqualTo("2026-03-05T06:00:00Z");
    assertThat(opens("2026-03-05T06:00:00Z", nights)).isEqualTo("open");
  }

  @Test
  void it_begins_on_the_days_that_are_named() {
    Freeze friday = weekly("16:00", "07:00", BERLIN, Weekday.FRIDAY);
    assertThat(opens("2026-03-05T20:00:00Z", friday)).isEqualTo("open");
    assertThat(opens("2026-03-06T20:00:00Z", friday)).isEqualTo("2026-03-07T06:00:00Z");
    assertThat(opens("2026-03-07T20:00:00Z", friday)).isEqualTo("open");
  }

  @Test
  void windows_that_touch_are_one_wait() {
    Freeze weekend = weekly("00:00", "24:00", BERLIN, Weekday.SATURDAY, Weekday.SUNDAY);
    Freeze monday = weekly("00:00", "08:30", BERLIN, Weekday.MONDAY);
    assertThat(opens("2026-01-10T12:00:00Z", weekend, monday)).isEqualTo("2026-01-12T07:30:00Z");
    assertThat(at("2026-01-10T12:00:00Z", weekend, monday).orElseThrow().message())
        .isEqualTo(
            "frozen until 2026-01-12 08:30 Europe/Berlin (2026-01-12T07:30:00Z) by policy calm"
                + " (nights)");
  }

  @Test
  void clocks_that_go_forward_shorten_the_night_and_clocks_that_go_back_lengthen_it() {
    Freeze nights = weekly("22:00", "06:00", BERLIN);
    assertThat(opens("2026-03-28T21:00:00Z", nights)).isEqualTo("2026-03-29T04:00:00Z");
    assertThat(opens("2026-10-24T20:00:00Z", nights)).isEqualTo("2026-10-25T05:00:00Z");
  }

  @Test
  void a_time_that_does_not_exist_is_that_of_the_leap() {
    assertThat(opens("2026-03-29T00:59:59Z", weekly("02:30", "04:00", BERLIN))).isEqualTo("open");
    assertThat(opens("2026-03-29T01:00:00Z", weekly("02:30", "04:00", BERLIN)))
        .isEqualTo("2026-03-29T02:00:00Z");
    assertThat(opens("2026-03-29T00:30:00Z", weekly("00:00", "02:30", BERLIN)))
        .isEqualTo("2026-03-29T01:00:00Z");
    assertThat(opens("2026-03-29T01:00:00Z", weekly("02:10", "02:50", BERLIN))).isEqualTo("open");
  }

  @Test
  void of_a_time_that_comes_twice_the_freeze_has_both() {
    Freeze early = weekly("02:30", "04:00", BERLIN);
    assertThat(opens("2026-10-25T00:30:00Z", early)).isEqualTo("2026-10-25T03:00:00Z");
    Freeze until = weekly("01:00", "02:30", BERLIN);
    assertThat(opens("2026-10-25T01:15:00Z", until)).isEqualTo("2026-10-25T01:30:00Z");
  }

  @Test
  void one_that_comes_once_has_a_beginning_and_an_end() {
    Freeze launch = once("2026-05-01T08:00:00Z", "2026-05-03T08:00:00Z");
    assertThat(opens("2026-05-01T07:59:59Z", launch)).isEqualTo("open");
    assertThat(opens("2026-05-02T00:00:00Z", launch)).isEqualTo("2026-05-03T08:00:00Z");
    assertThat(opens("2026-05-03T08:00:00Z", launch)).isEqualTo("open");
    assertThat(at("2026-05-02T00:00:00Z", launch).orElseThrow().pauses()).isTrue();
    assertThat(at("2026-05-02T00:00:00Z", launch).orElseThrow().message())
        .isEqualTo("frozen until 2026-05-03 08:00 Z by policy calm (launch)");
  }

  @Test
  void without_an_end_in_sight_nobody_is_told_one() {
    Frozen frozen = at("2026-05-02T00:00:00Z", weekly("00:00", "24:00", BERLIN)).orElseThrow();
    assertThat(frozen.opens()).isEmpty();
    assertThat(frozen.message()).isEqualTo("frozen for good by policy calm (nights)");
  }

  @Test
  void a_policy_is_about_the_namespaces_that_it_names() {
    Policy search =
        new Policy(
            Metadata.of("", "search-only"),
            new PolicySpec(
                List.of("search"),
                List.of(once("2026-05-01T08:00:00Z", "2026-05-03T08:00:00Z")),
                new ConcurrentRollouts(0, 0, Duration.ofHours(1))),
            new NoStatus());
    Freezes freezes = new Freezes(List.of(search), Instant.parse("2026-05-02T00:00:00Z"));
    assertThat(freezes.of("default")).isEmpty();
    assertThat(freezes.of("search")).isPresent();
  }

  /// Whatever the zone and the window: at the opening nothing is frozen, and until then everything.
  @Test
  void the_opening_is_the_first_open_moment() {
    Random random = new Random(11);
    List<String> zones = List.of(BERLIN, "America/New_York", "Australia/Lord_Howe", "UTC");
    for (int i = 0; i < 3_000; i++) {
      Freeze freeze =
          weekly(
              "%02d:%02d".formatted(random.nextInt(24), random.nextInt(60)),
              "%02d:%02d".formatted(random.nextInt(24), random.nextInt(60)),
              zones.get(random.nextInt(zones.size())),
              List.of(Weekday.values()).get(random.nextInt(7)),
              Weekday.SUNDAY);
      Instant now = Instant.parse("2026-01-01T00:00:00Z").plusSeconds(random.nextInt(31_000_000));
      Optional<Instant> opens = at(now.toString(), freeze).flatMap(Frozen::opens);
      opens.ifPresent(end -> {
        assertThat(FreezeWindow.end(freeze, end)).as("%s at %s", freeze, end).isEmpty();
        assertThat(FreezeWindow.end(freeze, end.minusMillis(1)))
            .as("%s %s", freeze, now)
            .isPresent();
        assertThat(end).isAfter(now);
      });
    }
  }
}
