// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import dev.weir.gateway.exchange.load.DrainEstimator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/// Limits the requests of one service that are in flight, so that it cannot use up the whole
/// gateway. Shared by all event loops without blocking.
public final class Bulkhead {
  private final AtomicInteger inFlight = new AtomicInteger();
  private final DrainEstimator drainEstimator;

  public Bulkhead(LongSupplier nanoTime) {
    this.drainEstimator = new DrainEstimator(nanoTime);
  }

  /// Takes a slot.
  ///
  /// @param max requests in flight
  /// @return whether a slot was free; then [#leave] must follow
  public boolean enter(int max) {
    if (inFlight.incrementAndGet() <= max) {
      return true;
    }
    inFlight.decrementAndGet();
    drainEstimator.refused(1);
    return false;
  }

  /// Takes a slot for optional work, from half of the slots only.
  ///
  /// @param max requests in flight
  /// @return whether a slot was free; then [#leave] must follow
  public boolean enterIfSpare(int max) {
    if (inFlight.incrementAndGet() <= max / 2) {
      return true;
    }
    inFlight.decrementAndGet();
    return false;
  }

  /// Releases a slot.
  public void leave() {
    inFlight.decrementAndGet();
    drainEstimator.left(1);
  }

  public boolean isEmpty() {
    return inFlight.get() == 0;
  }

  /// See [DrainEstimator#nanosUntilRoom].
  public long nanosUntilRoom() {
    return drainEstimator.nanosUntilRoom();
  }
}
