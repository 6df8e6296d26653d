// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import dev.weir.gateway.exchange.load.RecentCount;
import java.util.function.LongSupplier;

/// Limits retries to a small share of a service's requests, so that retries do not overload a
/// failing fleet. A floor allows retries at low traffic. Shared by all event loops without
/// blocking.
public final class RetryBudget {
  static final long WINDOW_NANOS = RecentCount.WINDOW_NANOS;

  /// Retries that are always allowed in two windows: ten a second.
  static final long FLOOR = 100;

  private final RecentCount requests;
  private final RecentCount retries;

  public RetryBudget(LongSupplier nanoTime) {
    this.requests = new RecentCount(nanoTime);
    this.retries = new RecentCount(nanoTime);
  }

  /// Counts a request (not a retry).
  public void request() {
    requests.add(1);
  }

  /// Charges one retry to the budget.
  ///
  /// @param percent retries per hundred requests
  /// @return whether the budget allowed it
  public boolean takeRetry(int percent) {
    long allowed = FLOOR + requests.sum() * percent / 100;
    if (retries.sum() >= allowed) {
      return false;
    }
    retries.add(1);
    return true;
  }
}
