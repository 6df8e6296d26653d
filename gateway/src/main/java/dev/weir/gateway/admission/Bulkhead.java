// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import dev.weir.gateway.exchange.DrainEstimator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/// Keeps one service from taking the whole gateway: it limits the requests of a service that are in
/// flight. Shared by all event loops without blocking.
public final class Bulkhead {
  private final AtomicInteger inFlight = new AtomicInteger();
  private final DrainEstimator drainEstimator;

  public Bulkhead(LongSupplier nanoTime) {
    this.drainEstimator = new DrainEstimator(nanoTime);
  }

  /// A request wants in.
  ///
  /// @param most that may be under way
  /// @return whether there was room; then [#leave] must follow
  public boolean enter(int most) {
    if (inFlight.incrementAndGet() <= most) {
      return true;
    }
    inFlight.decrementAndGet();
    drainEstimator.refused(1);
    return false;
  }

  /// What may be left undone wants in, which leaves half of the room to everybody else.
  ///
  /// @param most that may be under way
  /// @return whether there was room; then [#leave] must follow
  public boolean enterIfSpare(int most) {
    if (inFlight.incrementAndGet() <= most / 2) {
      return true;
    }
    inFlight.decrementAndGet();
    return false;
  }

  /// A request that entered is over.
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
