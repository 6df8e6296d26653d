// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import dev.weir.gateway.exchange.answer.FoldedLines;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import java.util.List;

/// Netty's decoder, restricted to reject what different recipients could interpret differently: a
/// request with both a `Content-Length` and a `Transfer-Encoding` (RFC 9112, section 6.3, allows
/// rejecting it; Netty would repair it), request lines that Netty would repair (section 3 requires
/// single spaces), and folded header lines (section 5.2). Netty itself rejects conflicting lengths,
/// invalid chunk sizes and header injection.
final class StrictRequestDecoder extends HttpRequestDecoder {
  private final FoldedLines folded = new FoldedLines();

  StrictRequestDecoder(ListenerLimits limits) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(limits.maxLineBytes())
            .setMaxHeaderSize(limits.maxHeaderBytes())
            .setMaxChunkSize(64 * 1024)
            .setValidateHeaders(true)
            .setAllowDuplicateContentLengths(false));
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    folded.decode(
        in, out, (bytes, parts) -> super.decode(ctx, bytes, parts), this::createInvalidMessage);
  }

  /// Whether a request has started to arrive but is incomplete.
  boolean hasUnread() {
    return actualReadableBytes() > 0;
  }

  /// An HTTP version other than 1.0 or 1.1.
  static final class UnknownVersionException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    UnknownVersionException() {
      super("neither HTTP/1.1 nor HTTP/1.0");
    }
  }

  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    throw new IllegalArgumentException("both Content-Length and Transfer-Encoding");
  }

  @Override
  protected String splitSecondWordInitialLine(byte[] line, int start, int length) {
    requireSingleSpace(line, start);
    return super.splitSecondWordInitialLine(line, start, length);
  }

  @Override
  protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
    if (length > 0) {
      requireSingleSpace(line, start);
    }
    return super.splitThirdWordInitialLine(line, start, length);
  }

  private static void requireSingleSpace(byte[] line, int start) {
    if (start < 2 || line[start - 1] != ' ' || line[start - 2] <= ' ') {
      throw new IllegalArgumentException("words are not separated by a single space");
    }
  }

  @Override
  protected HttpMessage createMessage(String[] initialLine) throws Exception {
    String version = initialLine[2];
    if (!version.equals("HTTP/1.1") && !version.equals("HTTP/1.0")) {
      if (version.startsWith("HTTP/")) {
        throw new UnknownVersionException();
      }
      throw new IllegalArgumentException("not an HTTP version");
    }
    if (!mayBeTarget(initialLine[1])) {
      throw new IllegalArgumentException("a target with bytes that need to be escaped");
    }
    return super.createMessage(initialLine);
  }

  /// Visible ASCII without a fragment, which is never sent (RFC 9110, section 7.1).
  private static boolean mayBeTarget(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '#') {
        return false;
      }
    }
    return true;
  }
}
