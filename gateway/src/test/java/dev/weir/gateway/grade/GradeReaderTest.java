// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.grade;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GradeReaderTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      quoteCharacter = '~',
      value = {
        "8!800",
        "10!1000",
        "0!0",
        "~ 7\n~!700",
        "8.5!850",
        "8.456!846",
        "+9!900",
        "8.!800",
        "8/10!800",
        "8 / 10!800",
        "8/10.!800",
        "Score: 8!800",
        "**Score:** 8!800",
        "**8**!800",
        "Grade=6, for it rambles. 9 would need more!600",
        "As GPT4 I say 7!700",
        "~<think>2 or 3? 9!</think>\n4~!400",
        "~<thinking>9</thinking><think>8</think> 3~!300",
        "~It is worth 5, <think>9</think>~!500"
      })
  void a_grade_is_read(String text, int thousandths) {
    assertThat(GradeReader.read(text)).hasValue(thousandths);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "good",
        "11",
        "85",
        "-3",
        "10.1",
        "8/100",
        "3/5",
        "8,5",
        "1,000",
        "1.2.3",
        "99999999999999999999",
        "0.000000000000000001",
        "v2",
        "8th",
        "eight",
        "<think>it is an 8",
        "<think>8</think>"
      })
  void an_answer_without_a_valid_grade_has_none(String text) {
    assertThat(GradeReader.read(text)).isEmpty();
  }
}
