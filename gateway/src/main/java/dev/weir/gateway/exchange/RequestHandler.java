// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/// Handles the requests of a listener. All calls for one connection run on its event loop, one
/// request at a time.
public interface RequestHandler {
  /// Checks a head before its body is read, so that unauthenticated clients cannot make the gateway
  /// buffer.
  Next head(RequestHead head, ClientStream client);

  /// The bytes were not valid HTTP, or exceeded the limits; the connection ends after the answer.
  void malformed(ClientStream client, Failure failure);

  /// The complete response to a request that is not read because this gateway is short of CPU,
  /// created with as little work as possible.
  ///
  /// @param request its first bytes; still owned by the caller
  /// @param nanos after which the client may retry
  ByteBuf overloaded(ByteBufAllocator allocator, ByteBuf request, long nanos);

  /// How to handle the body.
  sealed interface Next {
    /// Collect the body, then call the reader.
    record ReadBody(BodyReader reader) implements Next {}

    /// Discard the body: the answer was already started, or does not need it.
    record Discard() implements Next {}
  }

  /// Exactly one of the two methods is called, unless the client disconnects first.
  interface BodyReader {
    /// The complete body; the reader owns it.
    ///
    /// @param arrivedNanos monotonic, estimated arrival of its last bytes; see
    ///   [LoopLag#arrivedNanos][dev.weir.gateway.exchange.load.LoopLag#arrivedNanos]
    void body(ByteBuf body, long arrivedNanos);

    /// The body was too large or too slow.
    void failed(Failure failure);
  }
}
