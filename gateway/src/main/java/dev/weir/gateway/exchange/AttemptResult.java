// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.gateway.exchange.answer.Continuation;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;

/// How an attempt ended for the request path. Only two results allow another attempt, and they
/// contain what it needs.
public sealed interface AttemptResult {
  /// The client received the engine's complete answer.
  ///
  /// @param despite set if the stream broke after the last content and the gateway sent the end
  ///   itself
  record Complete(int status, Optional<Failure> despite) implements AttemptResult {}

  /// Nothing was sent to the client, so another replica may answer.
  ///
  /// @param answer the engine's own error, relayed if no other attempt succeeds
  record FailedBeforeFirstByte(Failure failure, Optional<Held> answer) implements AttemptResult {}

  /// The stream was cut, but another replica of the same version can continue it.
  record CutMidStream(Failure failure, Continuation continuation) implements AttemptResult {}

  /// The answer was cut and cannot be continued.
  ///
  /// @param events whether it was an event stream, which can carry an error
  /// @param engineError the engine's own error event, relayed unchanged; empty if there is none
  record Broken(Failure failure, boolean events, Optional<ByteBuf> engineError)
      implements AttemptResult {}

  /// The client disconnected, and the attempt was cancelled.
  record Cancelled() implements AttemptResult {}

  /// A complete answer that is held back, because it may never be sent.
  record Held(int status, HttpHeaders headers, ByteBuf body) {
    public void release() {
      body.release();
    }
  }
}
