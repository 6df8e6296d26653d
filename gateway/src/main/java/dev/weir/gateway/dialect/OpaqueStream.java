// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.EventContent;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.StreamDialect;
import dev.weir.gateway.exchange.Transcript;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/// A stream of an unknown family: every event counts as output, none can be continued.
final class OpaqueStream implements StreamDialect {
  @Override
  public void read(byte[] data, int length, EventContent facts) {
    facts.token = length > 0;
    facts.beyondText = true;
  }

  @Override
  public boolean mustFinish() {
    return false;
  }

  @Override
  public ByteBuf continued(byte[] data, int length, EventContent facts, Transcript transcript) {
    throw new IllegalStateException("a stream of an unknown family cannot be continued");
  }

  @Override
  public ByteBuf withoutIds(byte[] data, int length) {
    throw new IllegalStateException("token ids of this stream are unknown");
  }

  @Override
  public ByteBuf finish(Transcript transcript, Finish finish) {
    return Unpooled.EMPTY_BUFFER;
  }

  @Override
  public ByteBuf usage(Transcript transcript) {
    return Unpooled.EMPTY_BUFFER;
  }

  @Override
  public ByteBuf done() {
    return Unpooled.EMPTY_BUFFER;
  }

  @Override
  public ByteBuf error(Failure failure, String requestId) {
    return OpenAiStream.data(ErrorBody.openAi(failure));
  }
}
