// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class OneLineTest {
  @Test
  void colours_controls_and_turned_text_are_left_out() {
    assertThat(OneLine.of("\u001b[1;32mINFO\u001b[0m loading\r\n3/8\u009b31m", 100))
        .isEqualTo("INFO loading 3/8 31m");
    assertThat(OneLine.of("a\u202eb\u2028c\u0000d", 100)).isEqualTo("a b c d");
  }

  @Test
  void a_character_is_never_cut_in_half() {
    String faces = "\uD83D\uDE00".repeat(10);
    assertThat(OneLine.of(faces, 5)).isEqualTo("\uD83D\uDE00\uD83D\uDE00…");
    assertThat(OneLine.endOf(faces, 5)).isEqualTo("…\uD83D\uDE00\uD83D\uDE00");
  }

  @Test
  void a_short_text_stays_unchanged() {
    assertThat(OneLine.of(" Größe: 3 GiB ", 12)).isEqualTo("Größe: 3 GiB");
    assertThat(OneLine.endOf("", 1)).isEmpty();
  }

  @Test
  void for_any_bytes_the_result_is_short_and_can_be_encoded() {
    Random random = new Random(7);
    byte[] bytes = new byte[300];
    for (int round = 0; round < 2_000; round++) {
      random.nextBytes(bytes);
      String text =
          new String(bytes, round % 2 == 0 ? StandardCharsets.UTF_8 : StandardCharsets.UTF_16);
      for (String line : new String[] {OneLine.of(text, 50), OneLine.endOf(text, 50)}) {
        assertThat(line.length()).isLessThanOrEqualTo(51);
        assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(line)).isTrue();
      }
    }
  }
}
