// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;

/// How an attempt ended, as the request path sees it. Only two endings can go round again, and
/// their types say what with.
public sealed interface AttemptResult {
  /// The client has the engine's whole answer.
  ///
  /// @param despite the stream broke after everything had been said, and the gateway closed it in
  ///   the engine's place
  record Complete(int status, Optional<Failure> despite) implements AttemptResult {}

  /// Nothing reached the client: another replica may answer instead.
  ///
  /// @param answer the engine's own error, to be relayed when nobody answers better
  record FailedBeforeFirstByte(Failure failure, Optional<Held> answer) implements AttemptResult {}

  /// The stream broke in its middle and can be continued by another replica of the same version.
  record CutMidStream(Failure failure, Continuation continuation) implements AttemptResult {}

  /// The answer broke in its middle and cannot be continued.
  ///
  /// @param events it was a stream of events, which can carry an error
  /// @param engineError the engine's own error event, to be relayed as it is; empty when there is
  ///   none
  record Broken(Failure failure, boolean events, Optional<ByteBuf> engineError)
      implements AttemptResult {}

  /// The client went away; the engine was stopped.
  record Cancelled() implements AttemptResult {}

  /// An answer kept whole because it may never be sent.
  record Held(int status, HttpHeaders headers, ByteBuf body) {
    public void release() {
      body.release();
    }
  }
}
