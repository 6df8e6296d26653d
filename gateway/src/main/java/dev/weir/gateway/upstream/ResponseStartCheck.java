// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;

/// Detects bytes without a request, and responses whose first bytes are not HTTP. A codec would
/// wait for the end of the line, which never arrives, and the replica would look busy.
final class ResponseStartCheck extends ChannelInboundHandlerAdapter {
  private static final byte[] START = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);

  private final UpstreamConnection connection;
  private int matched = START.length;

  ResponseStartCheck(UpstreamConnection connection) {
    this.connection = connection;
  }

  /// The next bytes start a response.
  void expect() {
    matched = 0;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!connection.isBusy()) {
      ReferenceCountUtil.release(message);
      connection.unexpectedBytes();
      return;
    }
    if (matched < START.length && message instanceof ByteBuf bytes && !fits(bytes)) {
      bytes.release();
      connection.notHttp();
      return;
    }
    ctx.fireChannelRead(message);
  }

  /// Line ends before a response are accepted, as by the codec.
  private boolean fits(ByteBuf bytes) {
    for (int i = bytes.readerIndex(); i < bytes.writerIndex() && matched < START.length; i++) {
      byte next = bytes.getByte(i);
      if (next == START[matched]) {
        matched++;
      } else if (matched > 0 || (next != '\r' && next != '\n')) {
        return false;
      }
    }
    return true;
  }
}
