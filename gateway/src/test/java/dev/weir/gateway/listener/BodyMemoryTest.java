// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.ManualClock;
import org.junit.jupiter.api.Test;

class BodyMemoryTest {
  private static final int MEBIBYTE = 1024 * 1024;

  private final BodyMemory memory = new BodyMemory(4 * MEBIBYTE, new ManualClock());

  @Test
  void large_bodies_leave_the_last_quarter_to_small_ones() {
    assertThat(memory.claim(0, 3 * MEBIBYTE)).isTrue();
    assertThat(memory.claim(3 * MEBIBYTE, 1)).isFalse();
    assertThat(memory.claim(0, 2_000)).isTrue();
    assertThat(memory.used()).isEqualTo(3 * MEBIBYTE + 2_000);
  }

  @Test
  void returned_memory_can_be_claimed_again() {
    assertThat(memory.claim(0, 3 * MEBIBYTE)).isTrue();
    memory.release(3 * MEBIBYTE);
    assertThat(memory.claim(0, 3 * MEBIBYTE)).isTrue();
  }
}
