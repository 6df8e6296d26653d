// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.Resource;
import dev.weir.model.codec.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/// Watches changes of resources. After a connection failure it reconnects and continues from the
/// last revision, so that no event is missed or duplicated. It gives up after [#MAX_ATTEMPTS]
/// consecutive attempts without an event.
///
/// For use by one thread; `close` from any thread unblocks it.
public final class Watch implements AutoCloseable {
  /// Consecutive connection attempts without an event before it gives up: about five minutes.
  public static final int MAX_ATTEMPTS = 60;

  /// The server sends data every 10 s; a connection without data for three times as long is dead.
  private static final Duration MAX_SILENCE = Duration.ofSeconds(30);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration MAX_PAUSE = Duration.ofSeconds(5);
  private static final int MAX_PROBLEM_BYTES = 1024 * 1024;

  private final ApiTransport transport;
  private final HttpClient http;
  private final RetryDelay pause;
  private final String kinds;
  private long after;
  private int attempts;
  private volatile boolean closed;
  private volatile Optional<SseStream> stream = Optional.empty();

  /// @param kinds comma-separated plural names; empty means all
  Watch(ApiTransport transport, HttpClient http, RetryDelay pause, long after, String kinds) {
    this.transport = transport;
    this.http = http;
    this.pause = pause;
    this.after = after;
    this.kinds = kinds;
  }

  /// The revision of the last event; before the first event, the starting revision.
  public long revision() {
    return after;
  }

  /// Waits for the next event without a time limit.
  ///
  /// @throws WeirApiException when the control plane rejects the watch
  /// @throws WeirUnreachableException when the control plane stays unreachable, or the watch was
  ///   closed
  public WatchEvent next() throws InterruptedException {
    while (!closed) {
      try {
        Optional<WatchEvent> event = stream.isPresent() ? event(stream.get()) : connect();
        if (event.isPresent()) {
          return event.get();
        }
      } catch (IOException broken) {
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted while watching");
        }
        drop();
        backOff(broken);
      }
    }
    throw new WeirUnreachableException("the watch was closed");
  }

  private Optional<WatchEvent> event(SseStream open) throws IOException {
    SseStream.Event event = open.next(after);
    Resource resource = Json.resource(event.data());
    attempts = 0;
    after = event.id();
    return Optional.of(
        event.name().equals("delete")
            ? new WatchEvent.Deleted(after, resource)
            : new WatchEvent.Put(after, resource));
  }

  /// Opens the stream and returns empty, or returns [WatchEvent.Relist] if the history was
  /// compacted.
  private Optional<WatchEvent> connect() throws IOException, InterruptedException {
    String query = "?after=" + after + (kinds.isEmpty() ? "" : "&kinds=" + kinds);
    HttpRequest request =
        transport
            .request("/api/v1/watch" + query)
            .header("Accept", "text/event-stream")
            .timeout(MAX_SILENCE)
            .build();
    HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
    if (response.statusCode() == 200) {
      stream = Optional.of(new SseStream(response.body(), MAX_SILENCE));
      return Optional.empty();
    }
    WeirApiException refused = refused(response);
    if (refused.status() == 410) {
      return Optional.of(new WatchEvent.Relist(refused.detail()));
    }
    if (refused.status() >= 500) {
      throw new IOException(refused);
    }
    throw refused;
  }

  private static WeirApiException refused(HttpResponse<InputStream> response) throws IOException {
    try (InputStream body = response.body()) {
      byte[] text = body.readNBytes(MAX_PROBLEM_BYTES);
      return ApiTransport.refused(response.statusCode(), new String(text, StandardCharsets.UTF_8));
    }
  }

  private void drop() {
    stream.ifPresent(Watch::closeQuietly);
    stream = Optional.empty();
  }

  private void backOff(IOException broken) throws InterruptedException {
    if (attempts == MAX_ATTEMPTS) {
      throw transport.unreachable(broken);
    }
    Duration wait = FIRST_PAUSE.multipliedBy(1L << Math.min(attempts, 10));
    attempts++;
    if (!closed) {
      pause.sleep(wait.compareTo(MAX_PAUSE) < 0 ? wait : MAX_PAUSE);
    }
  }

  @Override
  public void close() {
    closed = true;
    stream.ifPresent(Watch::closeQuietly);
  }

  private static void closeQuietly(SseStream open) {
    try {
      open.close();
    } catch (IOException alreadyBroken) {
      // The connection is closed already.
    }
  }
}
