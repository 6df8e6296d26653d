// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.relay;

import io.netty.buffer.ByteBuf;

/// Finds the ends of server-sent events (HTML standard, section 9.2.6): an event ends with a blank
/// line; lines end with LF or CRLF. Lone CR, which no engine sends, is not taken for a line end.
/// Pure.
final class EventFraming {
  private EventFraming() {}

  /// Index after the blank line that ends the event, or -1 when the event is not whole yet.
  ///
  /// @param from index within the event to search from; going back two bytes over what was searched
  ///   before is enough
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
  /// @return how many bytes it is, -1 when the event has no data line (a comment)
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

  private static int dataOf(ByteBuf bytes, int line, int end) {
    boolean data =
        end - line >= 5
            && bytes.getByte(line) == 'd'
            && bytes.getByte(line + 1) == 'a'
            && bytes.getByte(line + 2) == 't'
            && bytes.getByte(line + 3) == 'a'
            && bytes.getByte(line + 4) == ':';
    if (!data) {
      return -1;
    }
    int value = line + 5;
    return value < end && bytes.getByte(value) == ' ' ? value + 1 : value;
  }
}
