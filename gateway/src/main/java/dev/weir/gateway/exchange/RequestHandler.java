// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import io.netty.buffer.ByteBuf;

/// What a listener hands requests to. All calls for one connection come on its event loop, one
/// request at a time.
public interface RequestHandler {
  /// Judges a head before its body is read, so that strangers cannot make the gateway buffer.
  Next head(RequestHead head, ClientStream client);

  /// The bytes were no HTTP request, or one over the limits; the connection ends after the answer.
  void malformed(ClientStream client, Failure failure);

  /// What to do with the body.
  sealed interface Next {
    /// Collect it, then call the reader.
    record ReadBody(BodyReader reader) implements Next {}

    /// The answer is on its way already (or will come without the body): throw the body away.
    record Discard() implements Next {}
  }

  /// Exactly one of the two is called, unless the client goes away first.
  interface BodyReader {
    /// The whole body; the reader owns it.
    void body(ByteBuf body);

    /// It was too large or too slow.
    void failed(Failure failure);
  }
}
