// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.codec.Json;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/// The lines of a log that is followed, as they come. For one thread, which `close` from any thread
/// sets free.
public final class LogLines implements AutoCloseable {
  /// The server sends something every 10 s.
  private static final Duration SILENCE = Duration.ofSeconds(30);

  private final SseStream events;

  record Line(String line) {}

  LogLines(InputStream bytes) {
    this.events = new SseStream(bytes, SILENCE);
  }

  /// The next line, as long as it takes.
  ///
  /// @throws WeirUnreachableException when the connection ended
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
      // There is nothing left to free.
    }
  }
}
