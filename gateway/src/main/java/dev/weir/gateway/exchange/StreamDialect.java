// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import io.netty.buffer.ByteBuf;

/// How one API family speaks in server-sent events.
public interface StreamDialect {
  /// Reads the data of one event into cleared facts. Data that is not of this family leaves them
  /// clear.
  void read(byte[] data, int length, EventFacts facts);

  /// Whether a stream without a legal finish was cut (known families), or whether nothing can be
  /// said (others).
  boolean mustFinish();

  /// The event as a continued stream shows it: identity of the first chunk, merged counts, no
  /// second role, marked as resumed where the answer ends.
  ByteBuf continued(byte[] data, int length, EventFacts facts, Transcript transcript);

  /// The chunk that ends an answer at its token limit.
  ByteBuf lengthFinish(Transcript transcript);

  /// The chunk with the counts.
  ByteBuf usage(Transcript transcript);

  /// The mark after which nothing comes.
  ByteBuf done();

  /// An error in the middle of a stream.
  ByteBuf error(Failure failure, String requestId);
}
