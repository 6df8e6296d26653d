// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.setup;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/// Clients that send requests to a model in a loop, streamed and not streamed in turn, and count
/// the answers.
public final class Clients implements AutoCloseable {
  private static final int MOST_KEPT = 20;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger failed = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final Map<String, LongAdder> byVersion = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> byReplica = new ConcurrentHashMap<>();
  private final List<Thread> threads = new ArrayList<>();
  private final URI url;
  private final String key;
  private final String model;
  private final int maxTokens;
  private final Duration between;

  /// Starts at once.
  ///
  /// @param count number of clients
  /// @param maxTokens of each answer
  /// @param between pause between an answer and the next request of the same client
  public Clients(
      WeirProcess weir, String key, String model, int count, int maxTokens, Duration between) {
    this.url = URI.create(weir.gateway() + "/v1/chat/completions");
    this.key = key;
    this.model = model;
    this.maxTokens = maxTokens;
    this.between = between;
    for (int i = 0; i < count; i++) {
      int client = i;
      threads.add(Thread.ofVirtual().name("client-" + i).start(() -> ask(client)));
    }
  }

  private void ask(int client) {
    for (int i = 0; !over.get(); i++) {
      try {
        ask(client * 1_000_000 + i, i % 2 == 0);
      } catch (IOException e) {
        failed(e.toString());
      } catch (InterruptedException e) {
        return;
      }
      LockSupport.parkNanos(between.toNanos());
    }
  }

  private void ask(int number, boolean streamed) throws IOException, InterruptedException {
    String body =
        """
        {"model": "%s", "stream": %s, "max_tokens": %d, "seed": %d,
         "messages": [{"role": "user", "content": "Once upon a time, there was number %d"}]}
        """
            .formatted(model, streamed, maxTokens, number, number);
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(url)
                .timeout(Duration.ofSeconds(60))
                .header("authorization", "Bearer " + key)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    boolean whole =
        streamed
            ? answer.body().contains("data: [DONE]") && !answer.body().contains("\"error\"")
            : answer.body().contains("\"finish_reason\"");
    if (answer.statusCode() != 200 || !whole) {
      failed(answer.statusCode() + " " + answer.headers().map() + " " + answer.body());
      return;
    }
    count(byVersion, answer, "x-weir-version");
    count(byReplica, answer, "x-weir-replica");
  }

  private static void count(
      Map<String, LongAdder> into, HttpResponse<String> answer, String header) {
    into.computeIfAbsent(answer.headers().firstValue(header).orElse("?"), _ -> new LongAdder())
        .increment();
  }

  private void failed(String how) {
    if (failed.incrementAndGet() <= MOST_KEPT) {
      failures.add(how.length() <= 400 ? how : how.substring(0, 400));
    }
  }

  public long answered() {
    return byVersion.values().stream().mapToLong(LongAdder::sum).sum();
  }

  /// Answers by `model@version`.
  public long answeredBy(String version) {
    return sum(byVersion, version);
  }

  long answeredByReplica(String replica) {
    return sum(byReplica, replica);
  }

  private static long sum(Map<String, LongAdder> counts, String name) {
    LongAdder found = counts.get(name);
    return found == null ? 0 : found.sum();
  }

  public int failed() {
    return failed.get();
  }

  public List<String> failures() {
    return List.copyOf(failures);
  }

  /// Sends no more requests and waits for those in flight.
  public void stop() throws InterruptedException {
    over.set(true);
    for (Thread thread : threads) {
      thread.join(Duration.ofSeconds(60));
    }
  }

  @Override
  public void close() {
    over.set(true);
    threads.forEach(Thread::interrupt);
    http.shutdownNow();
  }
}
