// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.crash;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Clients of a gateway that ask all the time and remember who answered when.
public final class CrashClients implements AutoCloseable {
  private static final String QUESTION =
      """
      {"model": "chat", "stream": true, "max_tokens": 6, "messages": [{"role": "user", "content": "hello"}]}
      """;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final HttpClient http = HttpClient.newHttpClient();
  private final HttpRequest question;
  private final Duration between;
  private final List<Thread> clients = new ArrayList<>();
  private final AtomicLong asked = new AtomicLong();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final Queue<Answered> answers = new ConcurrentLinkedQueue<>();
  private volatile boolean over;

  /// One whole answer.
  ///
  /// @param asked when the question was sent
  public record Answered(Instant asked, String version) {}

  /// @param clients side by side
  /// @param between one client's answer and its next question
  public CrashClients(String gateway, String key, int clients, Duration between) {
    this.between = between;
    this.question =
        HttpRequest.newBuilder(URI.create(gateway + "/v1/chat/completions"))
            .header("content-type", "application/json")
            .header("authorization", "Bearer " + key)
            .timeout(PATIENCE)
            .POST(HttpRequest.BodyPublishers.ofString(QUESTION))
            .build();
    for (int i = 0; i < clients; i++) {
      this.clients.add(Thread.ofVirtual().start(this::live));
    }
  }

  public long asked() {
    return asked.get();
  }

  /// The first hundred failures of clients.
  public List<String> failures() {
    return List.copyOf(failures);
  }

  /// Whole answers that a version gave to questions sent after a moment.
  public long answersSince(Instant moment, String version) {
    return answers.stream()
        .filter(answer -> answer.version().equals(version) && answer.asked().isAfter(moment))
        .count();
  }

  /// Forgets who answered what so far.
  public void forgetAnswers() {
    answers.clear();
  }

  private void live() {
    while (!over) {
      ask();
      LockSupport.parkNanos(between.toNanos());
    }
  }

  private void ask() {
    Instant now = Instant.now();
    try {
      HttpResponse<String> answer = http.send(question, HttpResponse.BodyHandlers.ofString());
      asked.incrementAndGet();
      if (answer.statusCode() == 200 && answer.body().strip().endsWith("data: [DONE]")) {
        answers.add(new Answered(now, answer.headers().firstValue("x-weir-version").orElse("")));
      } else {
        fail(now + " " + answer.statusCode() + " " + answer.body());
      }
    } catch (IOException e) {
      fail(now + " " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void fail(String what) {
    if (!over && failures.size() < 100) {
      failures.add(what);
    }
  }

  @Override
  public void close() {
    over = true;
    http.shutdownNow();
    http.close();
  }
}
