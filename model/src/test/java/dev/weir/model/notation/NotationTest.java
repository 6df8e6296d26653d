// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.notation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.value.Percentage;
import dev.weir.model.value.Quantity;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NotationTest {
  @Test
  void durations_read_as_people_write_them() {
    assertThat(Durations.parse("1h30m")).contains(Duration.ofMinutes(90));
    assertThat(Durations.parse("250ms")).contains(Duration.ofMillis(250));
    assertThat(Durations.parse("1.5s")).contains(Duration.ofMillis(1500));
    assertThat(Durations.parse("120s")).contains(Duration.ofMinutes(2));
    assertThat(Durations.parse("2d")).contains(Duration.ofDays(2));
    assertThat(Durations.parse("-10s")).contains(Duration.ofSeconds(-10));
    for (String wrong :
        List.of(
            "",
            "-",
            "10",
            "s",
            "10 s",
            "10sec",
            "PT10S",
            "1.s",
            "0.1ns",
            "9999999999999999999h",
            "1h-3m")) {
      assertThat(Durations.parse(wrong)).as(wrong).isEmpty();
    }
  }

  @Test
  void durations_print_so_that_they_read_back() {
    assertThat(Durations.print(Duration.ofMinutes(90))).isEqualTo("1h30m");
    assertThat(Durations.print(Duration.ofMillis(1500))).isEqualTo("1s500ms");
    assertThat(Durations.print(Duration.ofDays(2))).isEqualTo("48h");
    assertThat(Durations.print(Duration.ZERO)).isEqualTo("0s");
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 5_000; i++) {
      Duration duration =
          Duration.ofSeconds(
              random.nextLong() >> random.nextInt(64), random.nextInt(1_000_000_000));
      assertThat(Durations.parse(Durations.print(duration))).contains(duration);
    }
  }

  @Test
  void quantities_read_and_print_with_their_unit() {
    assertThat(Quantities.parse("80Gi")).contains(new Quantity(80L << 30));
    assertThat(Quantities.parse("1.5Gi")).contains(new Quantity(3L << 29));
    assertThat(Quantities.parse("512M")).contains(new Quantity(512_000_000));
    assertThat(Quantities.parse("1000000")).contains(new Quantity(1_000_000));
    for (String wrong : List.of("", "Gi", "80G i", "80gi", "-1", "1.5", "9Ei9", "9999Ei")) {
      assertThat(Quantities.parse(wrong)).as(wrong).isEmpty();
    }
    for (long bytes : new long[] {0, 1, 1023, 1024, 1025, 80L << 30, Long.MAX_VALUE}) {
      assertThat(Quantities.parse(Quantities.print(new Quantity(bytes))))
          .contains(new Quantity(bytes));
    }
    assertThat(Quantities.print(new Quantity(80L << 30))).isEqualTo("80Gi");
  }

  @Test
  void percentages_need_their_sign_and_no_exponent() {
    assertThat(Percentages.parse("0.50%")).contains(new Percentage(new BigDecimal("0.5")));
    for (String wrong : List.of("", "%", "20", "20 %", "-1%", "1e99%", ".5%")) {
      assertThat(Percentages.parse(wrong)).as(wrong).isEmpty();
    }
  }

  @Test
  void paths_show_odd_keys_in_brackets() {
    assertThat(FieldPath.child("", "spec")).isEqualTo("spec");
    assertThat(FieldPath.child("spec", "chat@2")).isEqualTo("spec[\"chat@2\"]");
    assertThat(FieldPath.item(FieldPath.child("spec", "steps"), 1)).isEqualTo("spec.steps[1]");
  }
}
