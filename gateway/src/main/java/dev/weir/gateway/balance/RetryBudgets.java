// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// One [RetryBudget] per service; survives snapshot swaps.
public final class RetryBudgets {
  private final LongSupplier nanoTime;
  private final Map<String, RetryBudget> budgets = new ConcurrentHashMap<>();

  public RetryBudgets(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /// @param service id (`namespace/name`)
  public RetryBudget of(String service) {
    return budgets.computeIfAbsent(service, _ -> new RetryBudget(nanoTime));
  }

  /// Removes services that left the snapshot.
  public void sweep(Predicate<String> present) {
    budgets.keySet().removeIf(present.negate());
  }
}
