// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.codec.Json;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/// Follows a log line by line. For use by one thread; `close` from any thread unblocks it.
public final class LogLines implements AutoCloseable {
  /// The server sends something every 10 s.
  private static final Duration MAX_SILENCE = Duration.ofSeconds(30);

  private final SseStream events;

  record Line(String line) {}

  LogLines(InputStream bytes) {
    this.events = new SseStream(bytes, MAX_SILENCE);
  }

  /// Waits for the next line without a time limit.
  ///
  /// @throws WeirUnreachableException when the connection ends
  public String next() {
    try {
      return Json.read(events.next(0).data(), Line.class).line();
    } catch (IOException ended) {
      throw new WeirUnreachableException(
          "the connection to the control plane ended: run the command again to continue", ended);
    }
  }

  @Override
  public void close() {
    try {
      events.close();
    } catch (IOException alreadyBroken) {
      // The connection is closed already.
    }
  }
}
