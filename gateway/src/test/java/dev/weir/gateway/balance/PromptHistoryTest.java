// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PromptHistoryTest {
  private static final int BLOCK = PromptHistory.BLOCK_BYTES;

  private final PromptHistory history = new PromptHistory();

  private int receive(String body) {
    return history.receive(Unpooled.copiedBuffer(body, StandardCharsets.ISO_8859_1));
  }

  private static String text(int bytes, long seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < bytes; i++) {
      text.append((char) (' ' + random.nextInt(90)));
    }
    return text.toString();
  }

  @Test
  void a_prompt_is_new_the_first_time_and_then_only_its_incomplete_block() {
    String prompt = text(3 * BLOCK + 100, 1);
    assertThat(receive(prompt)).isEqualTo(3 * BLOCK + 100);
    assertThat(receive(prompt)).isEqualTo(100);
  }

  @Test
  void a_longer_prompt_with_the_same_beginning_is_new_from_where_it_differs() {
    String beginning = text(2 * BLOCK, 2);
    receive(beginning + text(BLOCK, 3));
    assertThat(receive(beginning + text(2 * BLOCK, 4))).isEqualTo(2 * BLOCK);
  }

  @Test
  void the_same_end_after_another_beginning_is_new() {
    String end = text(2 * BLOCK, 5);
    receive(text(BLOCK, 6) + end);
    assertThat(receive(text(BLOCK, 7) + end)).isEqualTo(3 * BLOCK);
  }

  @Test
  void what_follows_the_compared_blocks_is_new() {
    String huge = text((PromptHistory.MAX_BLOCKS + 2) * BLOCK, 8);
    receive(huge);
    assertThat(receive(huge)).isEqualTo(2 * BLOCK);
  }

  @Test
  void it_keeps_what_is_used_and_forgets_what_is_not() {
    String used = text(4 * BLOCK, 9);
    String unused = text(4 * BLOCK, 10);
    receive(used);
    receive(unused);
    for (int i = 0; i < 40; i++) {
      receive(text(PromptHistory.MAX_BLOCKS * BLOCK, 100 + i));
      assertThat(receive(used)).isZero();
    }
    assertThat(receive(unused)).isEqualTo(4 * BLOCK);
  }
}
