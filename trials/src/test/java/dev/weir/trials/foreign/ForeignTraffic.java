// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.foreign;

import dev.weir.trials.foreign.ForeignClient.Question;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Clients that ask at random moments, whatever becomes of the answers.
public final class ForeignTraffic implements AutoCloseable {
  private static final int MAX_OPEN = 200;
  private static final long LAST_SECONDS = 45;

  private final ForeignClient client;
  private final double perSecond;
  private final SplittableRandom random;
  private final Semaphore places = new Semaphore(MAX_OPEN);
  private final ConcurrentLinkedQueue<Judged> judged = new ConcurrentLinkedQueue<>();
  private final Thread asking;
  private volatile boolean over;

  /// Begins at once.
  public ForeignTraffic(ForeignClient client, double perSecond, long seed) {
    this.client = client;
    this.perSecond = perSecond;
    this.random = new SplittableRandom(seed);
    this.asking = Thread.ofVirtual().name("traffic " + client.model()).start(this::ask);
  }

  private void ask() {
    long dueNanos = System.nanoTime();
    for (long number = random.nextLong(1L << 40); !over; number++) {
      dueNanos += (long) (-1e9 / perSecond * Math.log(1 - random.nextDouble()));
      while (!over && System.nanoTime() - dueNanos < 0) {
        LockSupport.parkNanos(dueNanos - System.nanoTime());
      }
      if (places.tryAcquire()) {
        Question question = Question.of(number);
        Thread.ofVirtual().start(() -> one(question));
      }
    }
  }

  private void one(Question question) {
    try {
      judged.add(client.ask(question));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      places.release();
    }
  }

  /// Nothing more is asked; what was asked is waited for.
  ///
  /// @return every answer, in the order of their ends
  public List<Judged> stop() throws InterruptedException {
    over = true;
    asking.join();
    if (places.tryAcquire(MAX_OPEN, LAST_SECONDS, TimeUnit.SECONDS)) {
      places.release(MAX_OPEN);
    }
    return List.copyOf(judged);
  }

  @Override
  public void close() {
    over = true;
    LockSupport.unpark(asking);
  }
}
