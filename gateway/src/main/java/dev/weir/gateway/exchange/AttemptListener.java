// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/// Hears how one attempt goes. Event loop only; after `complete` or `broke` nothing more comes.
public interface AttemptListener {
  /// The final (not 1xx) head of the answer.
  void head(int status, HttpHeaders headers);

  /// Bytes of the answer's body; the listener owns them.
  void body(ByteBuf bytes);

  /// No more bytes are at hand just now: a good moment to flush.
  void readComplete();

  /// The answer came to its proper end by HTTP's rules.
  void complete();

  /// It did not, and why.
  void broke(Failure failure);
}
