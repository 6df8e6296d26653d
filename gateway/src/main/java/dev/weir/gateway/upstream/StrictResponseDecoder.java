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

/// Netty's decoder, made to refuse an answer whose end two readers could see in different places,
/// or whose header lines are folded, and to tell whether bytes stand behind an answer.
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

  /// What follows a folded line is not read: the connection is closed.
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

  /// Whether bytes came that are no part of an answer yet.
  boolean hasUnread() {
    return actualReadableBytes() > 0;
  }
}
