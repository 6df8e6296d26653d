// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnitHashTest {
  private static final int UNITS = 200_000;

  @ParameterizedTest
  @ValueSource(ints = {10_000, 50_000, 250_000, 500_000, 990_000})
  void the_share_below_a_weight_is_the_weight(int weight) {
    SplittableRandom random = new SplittableRandom(7);
    int sessions = 0;
    int lone = 0;
    for (int i = 0; i < UNITS; i++) {
      sessions += UnitHash.millionths("salt", "session-" + i) < weight ? 1 : 0;
      lone += UnitHash.millionths("salt", random.nextLong()) < weight ? 1 : 0;
    }
    double p = weight / 1e6;
    double fourSigma = 4 * Math.sqrt(UNITS * p * (1 - p));
    assertThat((double) sessions).isBetween(UNITS * p - fourSigma, UNITS * p + fourSigma);
    assertThat((double) lone).isBetween(UNITS * p - fourSigma, UNITS * p + fourSigma);
  }

  @Test
  void values_stay_in_range_so_weight_0_means_none_and_a_million_means_all() {
    for (int i = 0; i < UNITS; i++) {
      assertThat(UnitHash.millionths("s", "u" + i)).isBetween(0, 999_999);
    }
  }

  @Test
  void another_salt_gives_an_independent_draw() {
    int both = 0;
    for (int i = 0; i < UNITS; i++) {
      boolean a = UnitHash.millionths("a", "u" + i) < 500_000;
      boolean b = UnitHash.millionths("b", "u" + i) < 500_000;
      both += a && b ? 1 : 0;
    }
    assertThat(both / (double) UNITS).isBetween(0.245, 0.255);
  }

  @Test
  void a_unit_keeps_its_value() {
    assertThat(UnitHash.millionths("salt", "session"))
        .isEqualTo(UnitHash.millionths("salt", "session"));
    assertThat(UnitHash.millionths("ab", "c")).isNotEqualTo(UnitHash.millionths("a", "bc"));
  }
}
