// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.proof;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// The rate of client requests in the last minute, from the arrivals of closed slices. Slices of
/// several gateways may overlap.
public final class RequestRate {
  private static final long WINDOW_MILLIS = 60_000;

  private final Deque<Arrivals> recent = new ArrayDeque<>();

  /// @param startMillis start of the slice
  /// @param endMillis end of the slice
  /// @param requests requests of both arms that arrived in it
  public record Arrivals(long startMillis, long endMillis, long requests) {}

  /// A rate without arrivals, which is 0.
  public RequestRate() {}

  /// Continues from a state.
  public static RequestRate of(List<Arrivals> state) {
    RequestRate rate = new RequestRate();
    rate.recent.addAll(state);
    return rate;
  }

  public List<Arrivals> state() {
    return List.copyOf(recent);
  }

  /// Adds a slice; forgets those that ended more than a minute before the newest end.
  public void add(Arrivals slice) {
    recent.addLast(slice);
    long newest = newestMillis();
    recent.removeIf(old -> old.endMillis() <= newest - WINDOW_MILLIS);
  }

  /// Requests per second.
  public double perSecond() {
    if (recent.isEmpty()) {
      return 0;
    }
    long first = recent.stream().mapToLong(Arrivals::startMillis).min().orElseThrow();
    long requests = recent.stream().mapToLong(Arrivals::requests).sum();
    return 1000.0 * requests / Math.max(1, newestMillis() - first);
  }

  private long newestMillis() {
    return recent.stream().mapToLong(Arrivals::endMillis).max().orElseThrow();
  }
}
