// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.gateway.exchange.answer.EventContent;
import dev.weir.gateway.exchange.answer.Transcript;
import io.netty.buffer.ByteBuf;
import java.util.Optional;

/// How one API family uses server-sent events.
public interface StreamDialect {
  /// Reads the data of one event into cleared facts. Data of another family leaves them clear.
  void read(byte[] data, int length, EventContent facts);

  /// Whether a stream without a valid finish counts as cut (known families); otherwise its end has
  /// no meaning.
  boolean mustFinish();

  /// The event for a client of a continued stream: identity of the first chunk, merged counts, no
  /// second role.
  ByteBuf continued(byte[] data, int length, EventContent facts, Transcript transcript);

  /// The event without its token ids.
  ByteBuf withoutIds(byte[] data, int length);

  /// The chunk that ends an answer on behalf of an engine.
  ByteBuf finish(Transcript transcript, Finish finish);

  /// How an answer ends.
  ///
  /// @param reason in the engine's terms
  /// @param text sent with it, may be empty
  /// @param stop the stop string that ended it
  record Finish(String reason, String text, Optional<String> stop) {
    /// All requested tokens were sent.
    public static final Finish AT_LIMIT = new Finish("length", "", Optional.empty());
  }

  /// The chunk with the usage.
  ByteBuf usage(Transcript transcript);

  /// The end mark of the stream.
  ByteBuf done();

  /// An error in the middle of a stream.
  ByteBuf error(Failure failure, String requestId);
}
