// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/// Edits a JSON text and leaves all other bytes as the engine wrote them. Edits must be made in
/// order of their offsets. The result is one server-sent event.
final class JsonEdits {
  private static final byte[] PREFIX = "data: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SUFFIX = "\n\n".getBytes(StandardCharsets.US_ASCII);
  private static final int EXTRA_BYTES = 128;

  private final byte[] data;
  private final int length;
  private final ByteBuf out;
  private int copied;

  JsonEdits(byte[] data, int length) {
    this.data = data;
    this.length = length;
    this.out = Unpooled.buffer(length + EXTRA_BYTES).writeBytes(PREFIX);
  }

  /// @param from offset of the first replaced byte
  /// @param to offset of the first byte after the replaced ones
  void replace(int from, int to, String with) {
    out.writeBytes(data, copied, from - copied);
    out.writeBytes(with.getBytes(StandardCharsets.UTF_8));
    copied = to;
  }

  /// Removes a member and its comma from an object.
  ///
  /// @param from offset of the name's opening quote
  /// @param to offset after the value
  void removeMember(int from, int to) {
    int end = to;
    while (end < length && blank(data[end])) {
      end++;
    }
    boolean followed = end < length && data[end] == ',';
    replace(from, followed ? end + 1 : to, "");
    if (!followed) {
      dropCommaBefore();
    }
  }

  private void dropCommaBefore() {
    int last = out.writerIndex() - 1;
    while (last >= 0 && blank(out.getByte(last))) {
      last--;
    }
    if (last >= 0 && out.getByte(last) == ',') {
      out.writerIndex(last);
    }
  }

  private static boolean blank(byte one) {
    return one == ' ' || one == '\t' || one == '\r' || one == '\n';
  }

  /// The changed text as an event.
  ByteBuf event() {
    return out.writeBytes(data, copied, length - copied).writeBytes(SUFFIX);
  }
}
