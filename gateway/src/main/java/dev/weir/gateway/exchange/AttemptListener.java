// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/// Receives the events of one attempt. Event loop only; nothing follows `complete` or `broke`.
public interface AttemptListener {
  /// The final (not 1xx) head of the answer.
  void head(int status, HttpHeaders headers);

  /// Bytes of the answer's body; the listener owns them.
  void body(ByteBuf bytes);

  /// No more bytes are available for now: a good time to flush.
  void readComplete();

  /// The answer ended properly according to HTTP.
  void complete();

  /// The answer failed.
  void broke(Failure failure);
}
