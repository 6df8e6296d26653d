// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import dev.weir.gateway.exchange.RecentCount;
import java.util.function.LongSupplier;

/// Keeps retries a small share of a service's requests, so that a struggling fleet is not buried
/// under them; a floor lets a quiet service retry at all. Shared by all event loops without
/// blocking.
public final class RetryBudget {
  static final long WINDOW_NANOS = RecentCount.WINDOW_NANOS;

  /// Retries in two windows that are always allowed: ten a second.
  static final long FLOOR = 100;

  private final RecentCount requests;
  private final RecentCount retries;

  public RetryBudget(LongSupplier nanoTime) {
    this.requests = new RecentCount(nanoTime);
    this.retries = new RecentCount(nanoTime);
  }

  /// A request came (not a retry).
  public void request() {
    requests.add(1);
  }

  /// Takes one retry out of the budget.
  ///
  /// @param percent retries per hundred requests
  /// @return whether there was one left
  public boolean takeRetry(int percent) {
    long allowed = FLOOR + requests.sum() * percent / 100;
    if (retries.sum() >= allowed) {
      return false;
    }
    retries.add(1);
    return true;
  }
}
