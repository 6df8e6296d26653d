// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.answer.EventContent;
import io.netty.buffer.ByteBuf;

/// A stream of an unknown family: every event counts as output, none can be continued.
final class OpaqueStream extends RelayedStream {
  @Override
  public void read(byte[] data, int length, EventContent facts) {
    facts.token = length > 0;
    facts.notContinuableFromText = true;
  }

  @Override
  public boolean mustFinish() {
    return false;
  }

  @Override
  public ByteBuf error(Failure failure, String requestId) {
    return OpenAiStream.data(ErrorBody.openAi(failure));
  }
}
