// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.overload;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// Sends streamed requests of one length, each on a thread of its own.
public final class Tenant implements AutoCloseable {
  private static final int TOKENS = 40;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor();
  private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<Answered> answers = new ConcurrentLinkedQueue<>();
  private final URI gateway;
  private final String key;
  private final String model;

  public Tenant(String gateway, String key, String model) {
    this.gateway = URI.create(gateway + "/v1/chat/completions");
    this.key = key;
    this.model = model;
  }

  /// Keeps so many requests under way for a time.
  public void keepBusy(int count, Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    for (int i = 0; i < count; i++) {
      requests.execute(() -> {
        while (System.nanoTime() - end < 0) {
          ask();
        }
      });
    }
    TimeUnit.NANOSECONDS.sleep(time.toNanos());
  }

  /// Begins to send at random moments, so many a second, for a time; does not wait for answers.
  public void send(double perSecond, Duration time, RandomGenerator random) {
    senders.execute(() -> {
      long next = System.nanoTime();
      long end = next + time.toNanos();
      while (next - end < 0) {
        requests.execute(this::ask);
        next += (long) (random.nextExponential() / perSecond * 1e9);
        LockSupport.parkNanos(next - System.nanoTime());
      }
    });
  }

  private void ask() {
    long sent = System.nanoTime();
    HttpRequest request =
        HttpRequest.newBuilder(gateway)
            .header("authorization", "Bearer " + key)
            .header("content-type", "application/json")
            .timeout(Duration.ofSeconds(60))
            .POST(HttpRequest.BodyPublishers.ofString(body(sent)))
            .build();
    try {
      HttpResponse<Stream<String>> response =
          http.send(request, HttpResponse.BodyHandlers.ofLines());
      try (Stream<String> lines = response.body()) {
        answers.add(read(response, lines.iterator(), sent));
      }
    } catch (IOException e) {
      answers.add(new Answered(sent, 0, System.nanoTime() - sent, false));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// No two ask the same.
  private String body(long nonce) {
    return """
    {"model":"%s","stream":true,"max_tokens":%d,"ignore_eos":true,
     "messages":[{"role":"user","content":"%d"}]}
    """
        .formatted(model, TOKENS, nonce);
  }

  private static Answered read(
      HttpResponse<Stream<String>> response, Iterator<String> lines, long sent) {
    long first = 0;
    String last = "";
    while (lines.hasNext()) {
      String line = lines.next();
      if (first == 0 && line.contains("\"content\":\"") && !line.contains("\"content\":\"\"")) {
        first = System.nanoTime() - sent;
      }
      last = line.isEmpty() ? last : line;
    }
    long now = System.nanoTime() - sent;
    if (response.statusCode() != 200) {
      boolean told = response.headers().firstValue("retry-after").isPresent();
      return new Answered(sent, response.statusCode(), now, told);
    }
    boolean whole = last.equals("data: [DONE]");
    return new Answered(sent, whole ? 200 : 0, first == 0 ? now : first, false);
  }

  /// The requests that were sent between two moments and have ended.
  public Share between(long fromNanos, long toNanos, long deadlineNanos) {
    return Share.of(
        answers.stream()
            .filter(a -> a.atNanos() - fromNanos >= 0 && a.atNanos() - toNanos < 0)
            .toList(),
        deadlineNanos);
  }

  @Override
  public void close() {
    senders.close();
    requests.close();
    http.close();
  }
}
