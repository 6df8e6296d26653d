// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/// Splits a byte stream into the data of server-sent events, as in the HTML standard: lines end
/// with LF, CRLF or CR; `data:` lines of one event are joined with LF; comments and other fields
/// are skipped; an empty line ends the event. An event above 1 MiB is malformed.
final class SseReader {
  private static final int EVENT_MAX = 1 << 20;

  private final Consumer<String> onData;
  private final StringBuilder data = new StringBuilder();
  private byte[] line = new byte[1024];
  private int length;
  private boolean hasData;
  private boolean afterReturn;
  private boolean tooLong;

  SseReader(Consumer<String> onData) {
    this.onData = onData;
  }

  void feed(ByteBuf bytes) {
    while (bytes.isReadable()) {
      byte next = bytes.readByte();
      boolean secondHalf = afterReturn && next == '\n';
      afterReturn = next == '\r';
      if (secondHalf) {
        continue;
      }
      if (next == '\n' || next == '\r') {
        endLine();
      } else {
        append(next);
      }
    }
  }

  private void append(byte next) {
    if (length >= EVENT_MAX) {
      tooLong = true;
      return;
    }
    if (length == line.length) {
      line = Arrays.copyOf(line, length * 2);
    }
    line[length++] = next;
  }

  private void endLine() {
    if (length == 0) {
      dispatch();
      return;
    }
    String text = new String(line, 0, length, StandardCharsets.UTF_8);
    length = 0;
    if (text.startsWith("data:") && data.length() < EVENT_MAX) {
      int from = text.startsWith("data: ") ? 6 : 5;
      data.append(hasData ? "\n" : "").append(text, from, text.length());
      hasData = true;
    }
  }

  private void dispatch() {
    if (hasData) {
      String event = data.toString();
      data.setLength(0);
      hasData = false;
      onData.accept(event);
    }
  }

  /// Whether the stream ended inside an event, or an event was too long.
  boolean torn() {
    return tooLong || length > 0 || hasData;
  }
}
