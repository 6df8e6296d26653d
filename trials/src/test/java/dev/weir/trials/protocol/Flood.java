// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

import dev.weir.trials.protocol.RawClient.Reply;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// Many clients that together send far more than there is memory for, and a good one beside them.
final class Flood {
  private static final int PIECE = 64 * 1024;
  private static final int BODY = 33 * 1024 * 1024;

  private final CaseRunner examiner;
  private final Map<Integer, Integer> statuses = new TreeMap<>();
  private final AtomicInteger served = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private Optional<String> wrong = Optional.empty();

  Flood(CaseRunner examiner) {
    this.examiner = examiner;
  }

  /// @param clients at one time
  void play(int clients) throws InterruptedException {
    var over = new AtomicBoolean();
    Thread good = Thread.ofVirtual().start(() -> beside(over));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var start = new Semaphore(0);
      for (int i = 0; i < clients; i++) {
        threads.execute(() -> {
          start.acquireUninterruptibly();
          upload();
        });
      }
      start.release(clients);
    }
    over.set(true);
    good.join();
  }

  private void upload() {
    try (RawClient client = examiner.open()) {
      client.patience(70_000);
      client.send(examiner.asking().post("flood", "Transfer-Encoding: chunked\r\n", "1\r\n{\r\n"));
      String piece = Integer.toHexString(PIECE) + "\r\n" + " ".repeat(PIECE) + "\r\n";
      for (int sent = 0; sent < BODY; sent += PIECE) {
        client.send(piece);
      }
      note(client.next());
    } catch (IOException e) {
      note(new Reply(-1, Map.of(), e.toString()));
    }
  }

  private synchronized void note(Reply reply) {
    statuses.merge(reply.status(), 1, Integer::sum);
  }

  /// A valid client: it is served, or refused for lack of capacity or time.
  private void beside(AtomicBoolean over) {
    while (!over.get()) {
      String nonce = examiner.nonce();
      try (RawClient client = examiner.open()) {
        client.send(examiner.asking().canary(nonce));
        Reply reply = client.next();
        if (reply.status() == 200 && reply.body().equals(Answers.whole(nonce))) {
          served.incrementAndGet();
        } else if (List.of(503, 504).contains(reply.status())) {
          refused.incrementAndGet();
        } else {
          wrong = Optional.of(reply.status() + " " + CaseRunner.shortened(reply.body()));
        }
      } catch (IOException e) {
        wrong = Optional.of(e.toString());
      }
    }
  }

  /// How many uploads ended how: 0 closed, -1 not at all.
  synchronized Map<Integer, Integer> statuses() {
    return statuses;
  }

  int served() {
    return served.get();
  }

  int refused() {
    return refused.get();
  }

  /// An invalid result of the valid client, if any.
  Optional<String> wrong() {
    return wrong;
  }
}
