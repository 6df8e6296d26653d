// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;

/// Knows bytes that answer nothing, and by the first bytes that what answers speaks no HTTP. A
/// codec waits for the end of the line, which never comes, and the replica looks like one that
/// computes.
final class ResponseStartCheck extends ChannelInboundHandlerAdapter {
  private static final byte[] START = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);

  private final UpstreamConnection connection;
  private int seen = START.length;

  ResponseStartCheck(UpstreamConnection connection) {
    this.connection = connection;
  }

  /// The next bytes begin an answer.
  void expect() {
    seen = 0;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!connection.carries()) {
      ReferenceCountUtil.release(message);
      connection.unasked();
      return;
    }
    if (seen < START.length && message instanceof ByteBuf bytes && !fits(bytes)) {
      bytes.release();
      connection.noHttp();
      return;
    }
    ctx.fireChannelRead(message);
  }

  /// Line ends before an answer are let through, as the codec does.
  private boolean fits(ByteBuf bytes) {
    for (int i = bytes.readerIndex(); i < bytes.writerIndex() && seen < START.length; i++) {
      byte next = bytes.getByte(i);
      if (next == START[seen]) {
        seen++;
      } else if (seen > 0 || (next != '\r' && next != '\n')) {
        return false;
      }
    }
    return true;
  }
}
