// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventFramingTest {
  private static ByteBuf bytes(String text) {
    return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"data: a\n\n", "data: a\r\n\r\n", "event: x\ndata: a\r\n\n", ": c\n\n"})
  void an_event_ends_with_a_blank_line(String event) {
    assertThat(EventFraming.endOfEvent(bytes(event + "data: b"), 0)).isEqualTo(event.length());
    for (int i = 0; i < event.length(); i++) {
      assertThat(EventFraming.endOfEvent(bytes(event.substring(0, i)), 0)).isEqualTo(-1);
    }
  }

  private static String data(String event) {
    byte[] into = new byte[event.length() + 8];
    int length = EventFraming.data(bytes(event), 0, event.length(), into);
    return length < 0 ? "(none)" : new String(into, 0, length, StandardCharsets.UTF_8);
  }

  @Test
  void data_lines_are_joined_and_other_lines_are_ignored() {
    assertThat(data("data: a\n\n")).isEqualTo("a");
    assertThat(data("event: x\r\ndata:a\r\nid: 3\r\ndata: b\r\n\r\n")).isEqualTo("a\nb");
    assertThat(data(": ping\n\n")).isEqualTo("(none)");
    assertThat(data("data:\n\n")).isEmpty();
  }
}
