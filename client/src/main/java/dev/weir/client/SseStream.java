// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Parses the server-sent events of one connection (HTML standard, section 9.2.6). A guard thread
/// closes the connection when it receives nothing for a while, not even heartbeats.
final class SseStream implements AutoCloseable {
  private static final int MAX_DATA_CHARACTERS = 16 * 1024 * 1024;

  private final InputStream bytes;
  private final BufferedReader lines;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile long linesRead;

  /// @param id the revision; that of the previous event if the event has none
  record Event(long id, String name, String data) {}

  SseStream(InputStream bytes, Duration silence) {
    this.bytes = bytes;
    this.lines = new BufferedReader(new InputStreamReader(bytes, StandardCharsets.UTF_8));
    Thread.ofVirtual().name("weir-watch-guard").start(() -> guard(silence));
  }

  private void guard(Duration silence) {
    try {
      long previous = -1;
      while (previous != linesRead) {
        previous = linesRead;
        if (closed.await(silence.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      }
      bytes.close();
    } catch (IOException | InterruptedException ended) {
      closed.countDown();
    }
  }

  /// Waits for the next event with data.
  ///
  /// @throws IOException when the connection ends or fails
  Event next(long lastId) throws IOException {
    long id = lastId;
    String name = "message";
    StringBuilder data = new StringBuilder();
    for (String line = line(); ; line = line()) {
      if (line.isEmpty()) {
        if (!data.isEmpty()) {
          return new Event(id, name, data.toString());
        }
        name = "message";
      } else if (line.startsWith("id:")) {
        id = revision(line.substring(3).strip(), id);
      } else if (line.startsWith("event:")) {
        name = line.substring(6).strip();
      } else if (line.startsWith("data:")) {
        data.append(data.isEmpty() ? "" : "\n").append(line.substring(5).stripLeading());
        if (data.length() > MAX_DATA_CHARACTERS) {
          throw new IOException("event larger than " + MAX_DATA_CHARACTERS + " characters");
        }
      }
      // Comments and unknown fields only show that the server is alive.
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // Only the reading thread writes it.
  private String line() throws IOException {
    String line = lines.readLine();
    if (line == null) {
      throw new EOFException("the control plane ended the watch");
    }
    linesRead++;
    return line;
  }

  private static long revision(String text, long fallback) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException invalid) {
      return fallback;
    }
  }

  @Override
  public void close() throws IOException {
    closed.countDown();
    bytes.close();
  }
}
