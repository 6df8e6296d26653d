// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/// Counts the mirrored requests of one gateway: how many are in flight, and their results. Shared
/// by all event loops. Copies above the limit are dropped without waiting.
final class MirrorTracker {
  /// Enough for a sample, too few to affect requests whose answers are used.
  static final int MAX_IN_FLIGHT = 32;

  static final String ANSWERED = "answered";
  static final String FAILED = "failed";
  static final String DROPPED = "dropped";

  private final AtomicInteger inFlight = new AtomicInteger();
  private final LongAdder answered = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder dropped = new LongAdder();

  /// @return whether a slot is taken; [#left] releases it
  boolean enter() {
    if (inFlight.incrementAndGet() <= MAX_IN_FLIGHT) {
      return true;
    }
    inFlight.decrementAndGet();
    dropped.increment();
    return false;
  }

  /// @param whole whether a complete answer without an error arrived
  ///
  /// @return the result
  String left(boolean whole) {
    inFlight.decrementAndGet();
    (whole ? answered : failed).increment();
    return whole ? ANSWERED : FAILED;
  }

  /// There was no replica to send the copy to.
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
