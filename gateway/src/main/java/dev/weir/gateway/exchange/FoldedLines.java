// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.DecoderResultProvider;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/// Detects header and trailer lines that begin with a space or a tab. Such a line once continued
/// the previous one (obsolete line folding). Recipients disagree on its meaning, so it must be
/// rejected (RFC 9112, sections 2.2 and 5.2). Netty's decoder joins such lines silently, so this
/// class checks the bytes that each call of the decoder consumed.
public final class FoldedLines {
  private boolean inBody;

  /// A message has such a line.
  public static final class FoldedLineException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public FoldedLineException() {
      super("a header or trailer line begins with a space or a tab");
    }
  }

  /// Whether the head was read and the end was not.
  public boolean inBody() {
    return inBody;
  }

  /// Call this after each call of the decoder's `decode`.
  ///
  /// @param in with the consumed bytes still before its reader index
  /// @param start the reader index before the call
  /// @param out the decoder's output
  /// @param before size of the output before the call
  /// @return whether a consumed line is folded
  public boolean foundIn(ByteBuf in, int start, List<Object> out, int before) {
    boolean lines = true;
    for (int i = before; i < out.size(); i++) {
      Object part = out.get(i);
      if (part instanceof DecoderResultProvider read && read.decoderResult().isFailure()) {
        // The message is already invalid, and the decoder skipped the rest of it.
        return false;
      }
      inBody = part instanceof HttpMessage || (inBody && !(part instanceof LastHttpContent));
      lines &= !(part instanceof HttpContent content && content.content().isReadable());
    }
    return lines && anyIn(in, start, in.readerIndex());
  }

  /// The decoder consumes whole lines, so a range without content starts at a line start.
  private static boolean anyIn(ByteBuf in, int start, int end) {
    int line = start;
    while (line < end) {
      // Netty skips a lone CR before a request line. Without this loop the result would depend on
      // how the bytes are split.
      while (line < end - 1 && in.getByte(line) == '\r') {
        line++;
      }
      byte first = in.getByte(line);
      if (first == ' ' || first == '\t') {
        return true;
      }
      int lineEnd = in.indexOf(line, end, (byte) '\n');
      line = lineEnd < 0 ? end : lineEnd + 1;
    }
    return false;
  }
}
