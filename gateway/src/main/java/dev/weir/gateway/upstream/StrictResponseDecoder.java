// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import dev.weir.gateway.exchange.FoldedLines;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseDecoder;
import java.util.List;

/// Netty's decoder, restricted to reject responses with an ambiguous end or folded header lines.
/// Also reports whether there are bytes after a response.
final class StrictResponseDecoder extends HttpResponseDecoder {
  private static final int MAX_LINE_BYTES = 8 * 1024;
  private static final int MAX_HEADER_BYTES = 64 * 1024;
  private static final int MAX_CHUNK_BYTES = 64 * 1024;

  private final FoldedLines folded = new FoldedLines();
  private boolean refused;

  StrictResponseDecoder() {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(MAX_LINE_BYTES)
            .setMaxHeaderSize(MAX_HEADER_BYTES)
            .setMaxChunkSize(MAX_CHUNK_BYTES));
  }

  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    throw new IllegalArgumentException("both Content-Length and Transfer-Encoding");
  }

  /// Nothing after a folded line is read: the connection is closed.
  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    if (refused) {
      in.skipBytes(in.readableBytes());
      return;
    }
    int start = in.readerIndex();
    int before = out.size();
    super.decode(ctx, in, out);
    boolean inBody = folded.inBody();
    if (folded.foundIn(in, start, out, before)) {
      refused = true;
      out.subList(before, out.size()).clear();
      HttpObject part = inBody ? new DefaultLastHttpContent() : createInvalidMessage();
      part.setDecoderResult(DecoderResult.failure(new FoldedLines.FoldedLineException()));
      out.add(part);
    }
  }

  /// Whether there are bytes that are not part of a response yet.
  boolean hasUnread() {
    return actualReadableBytes() > 0;
  }
}
