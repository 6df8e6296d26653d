// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

import dev.weir.trials.protocol.RawClient.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Clients that take all the time there is. They run beside everything else.
final class SlowCases implements AutoCloseable {
  /// The gateway closes idle connections after 75 s and ends uploads after 60 s.
  private static final Duration MOST = Duration.ofSeconds(90);

  private static final int SILENCE_MILLIS = 1_000;
  private static final int CLIENTS = 20;

  private final CaseRunner examiner;
  private final Asking asking;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Future<String>> ends = new LinkedHashMap<>();

  SlowCases(CaseRunner examiner) {
    this.examiner = examiner;
    this.asking = examiner.asking();
  }

  void start() {
    String stranger =
        asking.post("slow", "Content-Length: 5000\r\n", "").replace("Bearer ", "Bearer x");
    String chunks = asking.post("slow", "Transfer-Encoding: chunked\r\n", "");
    all(
        "a head that comes byte by byte",
        "POST /v1/chat/completions HTTP/1.1\r\nA: ",
        Set.of(0, 408));
    all("a request line that comes byte by byte", "P", Set.of(0, 408));
    all(
        "a body that comes byte by byte",
        asking.post("slow", "Content-Length: 5000\r\n", "{"),
        Set.of(408));
    all("a chunk's size that comes byte by byte", chunks, Set.of(400, 408));
    all("a chunk that comes byte by byte", chunks + "ffff\r\n", Set.of(408));
    all("a stranger's body that comes byte by byte", stranger, Set.of(401));
    run("a connection on which nothing is said", () -> silence(""));
    run("a head of which no more comes", () -> silence("POST / HTTP/1.1\r\nA: b"));
    run(
        "a body of which no more comes",
        () -> silence(asking.post("slow", "Content-Length: 5000\r\n", "{")));
  }

  private void run(String name, Callable<String> dialogue) {
    ends.put(name, threads.submit(dialogue));
  }

  /// Some at once, as an attacker would.
  private void all(String name, String begin, Set<Integer> statuses) {
    for (int i = 0; i < CLIENTS; i++) {
      run(name + (i == 0 ? "" : " (" + i + ")"), () -> trickle(begin, statuses));
    }
  }

  private String trickle(String begin, Set<Integer> statuses) throws IOException {
    long end = System.nanoTime() + MOST.toNanos();
    try (RawClient client = examiner.open()) {
      client.send(begin);
      client.patience(SILENCE_MILLIS);
      int status = -1;
      while (System.nanoTime() < end) {
        try {
          Reply reply = client.next();
          if (status < 0) {
            status = reply.status();
          }
          if (reply.status() == 0) {
            return statuses.contains(status) ? "" : "status " + status;
          }
        } catch (java.net.SocketTimeoutException _) {
          client.trickle('1');
        }
      }
      return "still open after " + MOST.toSeconds() + " s, status " + status;
    }
  }

  private String silence(String begin) throws IOException {
    try (RawClient client = examiner.open()) {
      client.send(begin);
      client.patience((int) MOST.toMillis());
      Reply reply = client.next();
      return Set.of(0, 408).contains(reply.status()) ? "" : "status " + reply.status();
    }
  }

  /// @return by name what is wrong, empty where nothing is
  Map<String, String> await() throws InterruptedException {
    Map<String, String> wrong = new LinkedHashMap<>();
    for (Map.Entry<String, Future<String>> one : ends.entrySet()) {
      try {
        wrong.put(one.getKey(), one.getValue().get());
      } catch (ExecutionException e) {
        wrong.put(one.getKey(), String.valueOf(e.getCause()));
      }
    }
    return wrong;
  }

  @Override
  public void close() {
    threads.close();
  }
}
