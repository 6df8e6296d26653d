// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/// What a listener hands requests to. All calls for one connection come on its event loop, one
/// request at a time.
public interface RequestHandler {
  /// Judges a head before its body is read, so that strangers cannot make the gateway buffer.
  Next head(RequestHead head, ClientStream client);

  /// The bytes were no HTTP request, or one over the limits; the connection ends after the answer.
  void malformed(ClientStream client, Failure failure);

  /// The whole refusal of a request that is not read because this gateway is short of CPU, made
  /// with as little work as possible.
  ///
  /// @param request its first bytes; stays the caller's
  /// @param nanos until the client is to come back
  ByteBuf overloaded(ByteBufAllocator allocator, ByteBuf request, long nanos);

  /// What to do with the body.
  sealed interface Next {
    /// Collect it, then call the reader.
    record ReadBody(BodyReader reader) implements Next {}

    /// The answer has already begun, or does not need the body: discard the body.
    record Discard() implements Next {}
  }

  /// Exactly one of the two is called, unless the client goes away first.
  interface BodyReader {
    /// The whole body; the reader owns it.
    ///
    /// @param arrivedNanos monotonic, when its last bytes arrived, as far as it is known; see
    ///   [LoopLag#arrivedNanos]
    void body(ByteBuf body, long arrivedNanos);

    /// It was too large or too slow.
    void failed(Failure failure);
  }
}
