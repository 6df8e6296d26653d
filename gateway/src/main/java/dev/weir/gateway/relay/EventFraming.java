// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.relay;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Finds the ends of server-sent events (HTML standard, section 9.2.6): an event ends with a blank
/// line; lines end with LF or CRLF. A lone CR, which no engine sends, does not count as a line end.
/// Stateless.
final class EventFraming {
  private static final byte[] DATA = ascii("data:");
  private static final List<byte[]> FIELDS =
      List.of(DATA, ascii("event:"), ascii("id:"), ascii("retry:"));

  private EventFraming() {}

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /// Index after the blank line that ends the event, or -1 if the event is incomplete.
  ///
  /// @param from index within the event to search from; may be two bytes before the end of the last
  ///   search
  static int endOfEvent(ByteBuf bytes, int from) {
    int end = bytes.writerIndex();
    int lineFeed = bytes.indexOf(from, end, (byte) '\n');
    while (lineFeed >= 0) {
      int next = lineFeed + 1;
      if (next < end && bytes.getByte(next) == '\r') {
        next++;
      }
      if (next < end && bytes.getByte(next) == '\n') {
        return next + 1;
      }
      lineFeed = bytes.indexOf(lineFeed + 1, end, (byte) '\n');
    }
    return -1;
  }

  /// Copies the event's data (its `data:` lines, joined by LF) into the array.
  ///
  /// @param into at least as long as the event
  /// @return its number of bytes, -1 if the event has no data line (a comment)
  static int data(ByteBuf bytes, int from, int to, byte[] into) {
    int length = -1;
    int line = from;
    while (line < to) {
      int lineFeed = bytes.indexOf(line, to, (byte) '\n');
      int end = lineFeed < 0 ? to : lineFeed;
      int next = end + 1;
      if (end > line && bytes.getByte(end - 1) == '\r') {
        end--;
      }
      int value = dataOf(bytes, line, end);
      if (value >= 0) {
        if (length >= 0) {
          into[length++] = '\n';
        } else {
          length = 0;
        }
        bytes.getBytes(value, into, length, end - value);
        length += end - value;
      }
      line = next;
    }
    return length;
  }

  /// Whether every line is a comment, blank or a standard field. Engines send no other lines, and
  /// clients would silently ignore the garbage of a broken engine.
  static boolean isClean(ByteBuf bytes, int from, int to) {
    int line = from;
    while (line < to) {
      int lineFeed = bytes.indexOf(line, to, (byte) '\n');
      int end = lineFeed < 0 ? to : lineFeed;
      if (!isCleanLine(bytes, line, end)) {
        return false;
      }
      line = end + 1;
    }
    return true;
  }

  private static boolean isCleanLine(ByteBuf bytes, int line, int end) {
    if (line == end || bytes.getByte(line) == '\r' || bytes.getByte(line) == ':') {
      return true;
    }
    for (byte[] field : FIELDS) {
      if (startsWith(bytes, line, end, field)) {
        return true;
      }
    }
    return false;
  }

  private static boolean startsWith(ByteBuf bytes, int line, int end, byte[] field) {
    if (end - line < field.length) {
      return false;
    }
    for (int i = 0; i < field.length; i++) {
      if (bytes.getByte(line + i) != field[i]) {
        return false;
      }
    }
    return true;
  }

  private static int dataOf(ByteBuf bytes, int line, int end) {
    if (!startsWith(bytes, line, end, DATA)) {
      return -1;
    }
    int value = line + DATA.length;
    return value < end && bytes.getByte(value) == ' ' ? value + 1 : value;
  }
}
