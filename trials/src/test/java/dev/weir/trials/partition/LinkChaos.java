// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.partition;

import dev.weir.trials.partition.LinkProxy.Mode;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/// Makes links fail and recover at random, drawn from a seed. Each state lasts some seconds.
public final class LinkChaos implements AutoCloseable {
  private static final List<Mode> FAILURES =
      List.of(Mode.CUT, Mode.HALF_OPEN, Mode.DEAF, Mode.MUTE, Mode.DELAY, Mode.THROTTLE);
  private static final long LOOK_NANOS = 50_000_000;
  private static final int LEAST_MILLIS = 1_500;
  private static final int MOST_MILLIS = 9_000;

  private final List<LinkProxy> links;
  private final SplittableRandom random;
  private final long[] until;
  private final Map<Mode, Integer> failures = new TreeMap<>();
  private final Thread thread;
  private volatile boolean ended;
  private volatile int spared = -1;

  public LinkChaos(List<LinkProxy> links, long seed) {
    this.links = links;
    this.random = new SplittableRandom(seed);
    this.until = new long[links.size()];
    this.thread = Thread.ofVirtual().start(this::run);
  }

  /// Leaves this link alone from now on.
  public void spare(int link) {
    spared = link;
  }

  private void run() {
    while (!ended) {
      long now = System.nanoTime();
      for (int i = 0; i < links.size(); i++) {
        if (i != spared && now >= until[i]) {
          until[i] = now + random.nextInt(LEAST_MILLIS, MOST_MILLIS) * 1_000_000L;
          change(links.get(i));
        }
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private void change(LinkProxy link) {
    Mode next =
        link.mode() == Mode.WELL ? FAILURES.get(random.nextInt(FAILURES.size())) : Mode.WELL;
    link.set(next);
    if (next != Mode.WELL) {
      failures.merge(next, 1, Integer::sum);
    }
  }

  /// Ends all failures.
  ///
  /// @return the number of failures by mode
  public Map<Mode, Integer> clear() throws InterruptedException {
    ended = true;
    thread.join();
    links.forEach(link -> link.set(Mode.WELL));
    return failures;
  }

  @Override
  public void close() {
    ended = true;
  }
}
