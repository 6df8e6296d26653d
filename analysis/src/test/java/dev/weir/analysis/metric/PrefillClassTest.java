// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.metric;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrefillClassTest {
  @ParameterizedTest
  @CsvSource({
    "0, -1",
    "1, 0",
    "63, 0",
    "64, 1",
    "127, 1",
    "128, 2",
    "2047, 5",
    "2048, 6",
    "4096, 7",
    "2147483647, 7"
  })
  void each_class_begins_at_twice_the_tokens_of_the_one_before(int tokens, int expected) {
    assertThat(PrefillClass.of(tokens)).isEqualTo(expected);
  }
}
