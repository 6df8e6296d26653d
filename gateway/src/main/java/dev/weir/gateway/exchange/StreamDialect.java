// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/// How one API family speaks in server-sent events.
public interface StreamDialect {
  /// Reads the data of one event into cleared facts. Data that is not of this family leaves them
  /// clear.
  void read(byte[] data, int length, EventContent facts);

  /// Whether a stream without a legal finish was cut (known families), or whether nothing can be
  /// said (others).
  boolean mustFinish();

  /// The event as a continued stream shows it: identity of the first chunk, merged counts, no
  /// second role.
  ByteBuf continued(byte[] data, int length, EventContent facts, Transcript transcript);

  /// The event without the token ids that it names.
  ByteBuf withoutIds(byte[] data, int length);

  /// The chunk that ends an answer in an engine's place.
  ByteBuf finish(Transcript transcript, Finish finish);

  /// How an answer ends.
  ///
  /// @param reason as the engine would call it
  /// @param text that comes with it, may be empty
  /// @param stop the stop string that ended it
  record Finish(String reason, String text, Optional<String> stop) {
    /// All tokens that were asked for have been sent.
    public static final Finish AT_LIMIT = new Finish("length", "", Optional.empty());
  }

  /// The chunk with the counts.
  ByteBuf usage(Transcript transcript);

  /// The mark after which nothing comes.
  ByteBuf done();

  /// An error in the middle of a stream.
  ByteBuf error(Failure failure, String requestId);
}
