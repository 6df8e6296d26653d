// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.StreamDialect;
import dev.weir.gateway.exchange.answer.EventContent;
import dev.weir.gateway.exchange.answer.Transcript;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/// A stream whose events reach the client unchanged. It cannot be continued on another replica, and
/// the gateway adds no events to it, except an error.
abstract class RelayedStream implements StreamDialect {
  @Override
  public final ByteBuf continued(
      byte[] data, int length, EventContent facts, Transcript transcript) {
    throw new IllegalStateException("a stream of this family cannot be continued");
  }

  @Override
  public final ByteBuf withoutIds(byte[] data, int length) {
    throw new IllegalStateException("token ids of this stream are unknown");
  }

  @Override
  public final ByteBuf finish(Transcript transcript, Finish finish) {
    return Unpooled.EMPTY_BUFFER;
  }

  @Override
  public final ByteBuf usage(Transcript transcript) {
    return Unpooled.EMPTY_BUFFER;
  }

  @Override
  public final ByteBuf done() {
    return Unpooled.EMPTY_BUFFER;
  }
}
