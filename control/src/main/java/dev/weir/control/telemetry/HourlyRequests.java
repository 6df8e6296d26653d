// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.telemetry;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/// The requests of one version in each hour of the last seven days, with the time for which each
/// hour was observed.
///
/// Time counts as observed while the process runs, with or without requests. An hour that the
/// process saw only in part has the rate of that part. Hours are hours of UTC. Not thread-safe.
final class HourlyRequests {
  private static final int HOURS = 7 * 24;
  private static final long HOUR_MILLIS = 3_600_000;

  /// Below this observed time, the rate of an hour is too uncertain to use.
  private static final long KNOWN_MILLIS = 10 * 60_000;

  private final int[] requests = new int[HOURS];
  private final int[] observedMillis = new int[HOURS];
  private long observedUntil;

  /// Starts to observe now.
  ///
  /// @param nowMillis since the epoch
  HourlyRequests(long nowMillis) {
    observedUntil = nowMillis;
  }

  /// The stored form.
  ///
  /// @param newestHour number of the last hour since the epoch
  /// @param requests of each hour, oldest first
  /// @param observedMillis of each hour, oldest first
  record Stored(long newestHour, List<Integer> requests, List<Integer> observedMillis) {
    Stored {
      requests = requests == null ? List.of() : List.copyOf(requests);
      observedMillis = observedMillis == null ? List.of() : List.copyOf(observedMillis);
    }
  }

  /// Continues from stored counts. The time since they were stored is not observed. Ignores counts
  /// of hours that are too old or in the future.
  static HourlyRequests restored(Stored stored, long nowMillis) {
    HourlyRequests hourly = new HourlyRequests(nowMillis);
    int known = Math.min(stored.requests().size(), stored.observedMillis().size());
    for (int index = 0; index < known; index++) {
      long hour = stored.newestHour() - (known - 1) + index;
      if (hourly.within(hour)) {
        hourly.requests[slot(hour)] = Math.max(0, stored.requests().get(index));
        hourly.observedMillis[slot(hour)] =
            Math.clamp(stored.observedMillis().get(index), 0, (int) HOUR_MILLIS);
      }
    }
    return hourly;
  }

  void add(long count, long nowMillis) {
    observe(nowMillis);
    int slot = slot(hour(observedUntil));
    requests[slot] = (int) Math.min(Integer.MAX_VALUE, requests[slot] + Math.max(0, count));
  }

  /// Mean rate of the hour of the day that contains `atMillis`, over the days on which that hour
  /// was observed.
  ///
  /// @return requests per second; empty if no such hour is known
  OptionalDouble perSecond(long atMillis, long nowMillis) {
    observe(nowMillis);
    int hourOfDay = (int) Math.floorMod(hour(atMillis), 24L);
    double sum = 0;
    int days = 0;
    for (int slot = hourOfDay; slot < HOURS; slot += 24) {
      if (observedMillis[slot] >= KNOWN_MILLIS) {
        sum += requests[slot] * 1_000.0 / observedMillis[slot];
        days++;
      }
    }
    return days == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / days);
  }

  /// Whether there was no request in the last seven days.
  boolean empty(long nowMillis) {
    observe(nowMillis);
    return Arrays.stream(requests).allMatch(count -> count == 0);
  }

  Stored stored(long nowMillis) {
    observe(nowMillis);
    long newest = hour(observedUntil);
    Integer[] counts = new Integer[HOURS];
    Integer[] observed = new Integer[HOURS];
    for (int index = 0; index < HOURS; index++) {
      int slot = slot(newest - (HOURS - 1) + index);
      counts[index] = requests[slot];
      observed[index] = observedMillis[slot];
    }
    return new Stored(newest, List.of(counts), List.of(observed));
  }

  /// Counts the time until now as observed, and clears the hours that begin in it.
  private void observe(long nowMillis) {
    observedUntil = Math.max(observedUntil, nowMillis - HOURS * HOUR_MILLIS);
    while (observedUntil < nowMillis) {
      long hour = hour(observedUntil);
      long end = Math.min(nowMillis, (hour + 1) * HOUR_MILLIS);
      observedMillis[slot(hour)] += (int) (end - observedUntil);
      observedUntil = end;
      if (hour(end) > hour) {
        requests[slot(hour(end))] = 0;
        observedMillis[slot(hour(end))] = 0;
      }
    }
  }

  private boolean within(long hour) {
    long now = hour(observedUntil);
    return hour <= now && hour > now - HOURS;
  }

  private static long hour(long millis) {
    return Math.floorDiv(millis, HOUR_MILLIS);
  }

  /// The week has a whole number of days, so `slot % 24` is the hour of the day.
  private static int slot(long hour) {
    return (int) Math.floorMod(hour, (long) HOURS);
  }
}
