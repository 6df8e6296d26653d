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

/// Changes as they happen. After a break it connects again and goes on from the last revision, so
/// that nothing is missed or seen twice; it gives up after `MAX_ATTEMPTS` attempts in a row that
/// brought no event.
///
/// For one thread, which `close` from any thread sets free.
public final class Watch implements AutoCloseable {
  /// Attempts to connect, without an event in between, before it gives up: some five minutes.
  public static final int MAX_ATTEMPTS = 60;

  /// The server sends something every 10 s; three times that without a byte is a dead connection.
  private static final Duration SILENCE = Duration.ofSeconds(30);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final int MAX_PROBLEM_BYTES = 1024 * 1024;

  private final ApiTransport transport;
  private final HttpClient http;
  private final RetryDelay pause;
  private final String kinds;
  private long after;
  private int attempts;
  private volatile boolean closed;
  private volatile Optional<SseStream> stream = Optional.empty();

  /// @param kinds plural names with commas between; empty means all
  Watch(ApiTransport transport, HttpClient http, RetryDelay pause, long after, String kinds) {
    this.transport = transport;
    this.http = http;
    this.pause = pause;
    this.after = after;
    this.kinds = kinds;
  }

  /// The revision of the last event, or the one it began from.
  public long revision() {
    return after;
  }

  /// The next event, as long as it takes.
  ///
  /// @throws WeirApiException when the control plane refuses the watch
  /// @throws WeirUnreachableException when it stays unreachable, or the watch was closed
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

  /// Opens the stream and brings nothing, or says that the history is gone.
  private Optional<WatchEvent> connect() throws IOException, InterruptedException {
    String query = "?after=" + after + (kinds.isEmpty() ? "" : "&kinds=" + kinds);
    HttpRequest request =
        transport
            .request("/api/v1/watch" + query)
            .header("Accept", "text/event-stream")
            .timeout(SILENCE)
            .build();
    HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
    if (response.statusCode() == 200) {
      stream = Optional.of(new SseStream(response.body(), SILENCE));
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
      byte[] page = body.readNBytes(MAX_PROBLEM_BYTES);
      return ApiTransport.refused(response.statusCode(), new String(page, StandardCharsets.UTF_8));
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
      pause.of(wait.compareTo(LONGEST_PAUSE) < 0 ? wait : LONGEST_PAUSE);
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
      // There is nothing left to free.
    }
  }
}
