// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/// Counts the mirrored requests of one gateway: how many are in flight, and how they ended. Shared
/// by all event loops; copies above the cap are dropped, without waiting.
final class MirrorTracker {
  /// Enough for a sample, too few to matter to those who are answered.
  static final int MAX_IN_FLIGHT = 32;

  static final String ANSWERED = "answered";
  static final String FAILED = "failed";
  static final String DROPPED = "dropped";

  private final AtomicInteger inFlight = new AtomicInteger();
  private final LongAdder answered = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder dropped = new LongAdder();

  /// @return whether there is room for one more, until it [#left]
  boolean enter() {
    if (inFlight.incrementAndGet() <= MAX_IN_FLIGHT) {
      return true;
    }
    inFlight.decrementAndGet();
    dropped.increment();
    return false;
  }

  /// @param whole whether a whole answer without an error came
  ///
  /// @return how it ended, in a word
  String left(boolean whole) {
    inFlight.decrementAndGet();
    (whole ? answered : failed).increment();
    return whole ? ANSWERED : FAILED;
  }

  /// There was nobody to send one to.
  void unsent() {
    inFlight.decrementAndGet();
    dropped.increment();
  }

  int inFlight() {
    return inFlight.get();
  }

  /// Counts since the start: `answered`, `failed`, `dropped`.
  Map<String, LongSupplier> counts() {
    return Map.of(ANSWERED, answered::sum, FAILED, failed::sum, DROPPED, dropped::sum);
  }
}
