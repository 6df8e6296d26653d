// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// One [Bulkhead] per service; survives snapshot swaps.
public final class Bulkheads {
  private final LongSupplier nanoTime;
  private final Map<String, Bulkhead> bulkheads = new ConcurrentHashMap<>();

  public Bulkheads(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /// @param service id (`namespace/name`)
  public Bulkhead of(String service) {
    return bulkheads.computeIfAbsent(service, _ -> new Bulkhead(nanoTime));
  }

  /// Removes services that left the snapshot and have no requests in flight.
  public void sweep(Predicate<String> present) {
    bulkheads.entrySet().removeIf(e -> !present.test(e.getKey()) && e.getValue().isEmpty());
  }
}
