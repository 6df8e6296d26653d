// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.partition;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/// Clients of one gateway: so many streams a second, each written down.
public final class GatewayClients implements AutoCloseable {
  private static final String QUESTION =
      """
      {"model": "chat", "max_tokens": 12, "stream": true,
       "messages": [{"role": "user", "content": "hello"}]}
      """;

  private final URI url;
  private final String key;
  private final long betweenNanos;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ExecutorService asking = Executors.newVirtualThreadPerTaskExecutor();
  private final ConcurrentLinkedQueue<Seen> seen = new ConcurrentLinkedQueue<>();
  private final Thread pacing;
  private volatile boolean ended;

  /// One request.
  ///
  /// @param atNanos when it was sent, monotonic
  /// @param version that answered, empty when none did
  /// @param failure empty when the answer was whole
  public record Seen(long atNanos, String version, String failure) {}

  public GatewayClients(String gateway, String key, double perSecond) {
    this.url = URI.create(gateway + "/v1/chat/completions");
    this.key = key;
    this.betweenNanos = (long) (1e9 / perSecond);
    this.pacing = Thread.ofVirtual().start(this::pace);
  }

  private void pace() {
    long next = System.nanoTime();
    while (!ended) {
      asking.execute(this::ask);
      next += betweenNanos;
      LockSupport.parkNanos(next - System.nanoTime());
    }
  }

  private void ask() {
    long at = System.nanoTime();
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(url)
                  .timeout(Duration.ofSeconds(60))
                  .header("content-type", "application/json")
                  .header("authorization", "Bearer " + key)
                  .POST(HttpRequest.BodyPublishers.ofString(QUESTION))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      boolean whole = answer.statusCode() == 200 && answer.body().contains("[DONE]");
      seen.add(
          new Seen(
              at,
              answer.headers().firstValue("x-weir-version").orElse(""),
              whole ? "" : "HTTP " + answer.statusCode() + " " + end(answer.body())));
    } catch (IOException e) {
      seen.add(new Seen(at, "", e.toString()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String end(String body) {
    return body.substring(Math.max(0, body.length() - 200));
  }

  public List<Seen> seen() {
    return new ArrayList<>(seen);
  }

  /// Sends no more requests and waits for those in flight.
  public void stop() throws InterruptedException {
    ended = true;
    pacing.join();
    asking.close();
  }

  @Override
  public void close() {
    ended = true;
    asking.shutdownNow();
    http.shutdownNow();
  }
}
