// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SseReaderTest {
  private final List<String> events = new ArrayList<>();
  private final SseReader reader = new SseReader(events::add);

  @Test
  void lines_may_end_with_each_of_the_three_line_ends() {
    feed("data: a\n\ndata: b\r\n\r\ndata: c\r\r");
    assertThat(events).containsExactly("a", "b", "c");
    assertThat(reader.torn()).isFalse();
  }

  @Test
  void data_lines_are_joined_and_other_fields_skipped() {
    feed(": ping\n\nevent: x\ndata: a\ndata:b\nid: 1\n\n");
    assertThat(events).containsExactly("a\nb");
  }

  @Test
  void characters_may_be_split_between_reads() {
    byte[] bytes = "data: é\u20AC\n\n".getBytes(StandardCharsets.UTF_8);
    for (byte each : bytes) {
      reader.feed(Unpooled.wrappedBuffer(new byte[] {each}));
    }
    assertThat(events).containsExactly("é\u20AC");
  }

  @Test
  void an_unfinished_event_is_not_delivered() {
    feed("data: a\n");
    assertThat(events).isEmpty();
    assertThat(reader.torn()).isTrue();
  }

  @Test
  void an_endless_line_is_split_and_does_not_fill_the_memory() {
    for (int block = 0; block < 40; block++) {
      feed("x".repeat(65_536));
    }
    feed("\n\n");
    assertThat(reader.torn()).isTrue();
  }

  private void feed(String text) {
    reader.feed(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
  }
}
