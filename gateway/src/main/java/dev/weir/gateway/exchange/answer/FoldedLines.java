// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.answer;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.DecoderResultProvider;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import java.util.function.Supplier;

/// Detects header and trailer lines that begin with a space or a tab. Such a line once continued
/// the previous one (obsolete line folding). Recipients disagree on its meaning, so it must be
/// rejected (RFC 9112, sections 2.2 and 5.2). Netty's decoder joins such lines silently, so this
/// class checks the bytes that each call of the decoder consumed. Each connection needs its own.
public final class FoldedLines {
  private boolean inBody;
  private boolean refused;

  /// A message has such a line.
  public static final class FoldedLineException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public FoldedLineException() {
      super("a header or trailer line begins with a space or a tab");
    }
  }

  /// The `decode` method of a Netty decoder.
  @FunctionalInterface
  public interface Decoding {
    void decode(ByteBuf in, List<Object> out) throws Exception;
  }

  /// Calls the decoder once. If it consumed a folded line, an invalid message replaces its output.
  /// Nothing after that line is read: the connection is closed.
  ///
  /// @param in with the consumed bytes still before its reader index after the call
  /// @param out the decoder's output
  /// @param invalid creates the invalid message of a folded line before a body
  public void decode(
      ByteBuf in, List<Object> out, Decoding decoder, Supplier<? extends HttpObject> invalid)
      throws Exception {
    if (refused) {
      in.skipBytes(in.readableBytes());
      return;
    }
    int start = in.readerIndex();
    int before = out.size();
    decoder.decode(in, out);
    boolean wasInBody = inBody;
    List<Object> decoded = out.subList(before, out.size());
    if (foundIn(in, start, decoded)) {
      refused = true;
      decoded.clear();
      HttpObject part = wasInBody ? new DefaultLastHttpContent() : invalid.get();
      part.setDecoderResult(DecoderResult.failure(new FoldedLineException()));
      out.add(part);
    }
  }

  private boolean foundIn(ByteBuf in, int start, List<Object> decoded) {
    boolean lines = true;
    for (Object part : decoded) {
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
