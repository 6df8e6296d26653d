// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.control.alert.SloTracker.Counts;
import dev.weir.model.AlertEvent;
import dev.weir.model.Service;
import dev.weir.model.Severity;
import dev.weir.model.SloSpec;
import dev.weir.model.notation.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// How many times faster than a Service's objective allows its budget of failures is being used up,
/// looked at over a long and a short window at once: the long one says that it matters, the short
/// one that it is still so.
final class BurnRate {
  /// So large a share of failures is too much at any pace: a budget of more than 7 % cannot be used
  /// up 14.4 times too fast.
  private static final double NEARLY_ALL = 0.9;

  /// Less than so many failures say nothing.
  private static final long FEWEST_BAD = 10;

  private BurnRate() {}

  /// A pair of windows and the rate that is too much in both.
  enum Windows {
    /// Two per cent of a month's budget within an hour.
    FAST(Duration.ofHours(1), Duration.ofMinutes(5), 14.4, Severity.CRITICAL),
    /// Five per cent within six hours.
    SLOW(Duration.ofHours(6), Duration.ofMinutes(30), 6, Severity.WARNING);

    final Duration longWindow;
    final Duration shortWindow;
    final double rate;
    final Severity severity;

    Windows(Duration longWindow, Duration shortWindow, double rate, Severity severity) {
      this.longWindow = longWindow;
      this.shortWindow = shortWindow;
      this.rate = rate;
      this.severity = severity;
    }

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// What is promised, and what of it a window shows.
  private record Objective(AlertEvent event, double budget, String promise) {
    long bad(Counts counts) {
      return event == AlertEvent.SLO_AVAILABILITY ? counts.failed() : counts.late();
    }

    long all(Counts counts) {
      return event == AlertEvent.SLO_AVAILABILITY ? counts.attempts() : counts.firstTokens();
    }

    double limit(Windows windows) {
      return Math.min(windows.rate, NEARLY_ALL / budget);
    }

    double rate(Counts counts) {
      return all(counts) == 0 || budget <= 0
          ? 0
          : (double) bad(counts) / (double) all(counts) / budget;
    }
  }

  /// What the Service's first tokens should take at most.
  static Duration firstTokenWithin(Service service) {
    return service
        .spec()
        .slo()
        .ttft()
        .map(SloSpec.LatencyObjective::p95)
        .orElse(service.spec().traffic().timeouts().firstToken());
  }

  static List<AlertCondition> of(Service service, SloTracker sloTracker) {
    List<AlertCondition> so = new ArrayList<>();
    for (Objective objective : objectives(service)) {
      for (Windows windows : Windows.values()) {
        of(service, objective, windows, sloTracker).ifPresent(so::add);
      }
    }
    return so;
  }

  private static List<Objective> objectives(Service service) {
    SloSpec slo = service.spec().slo();
    return List.of(
        new Objective(
            AlertEvent.SLO_AVAILABILITY,
            1 - slo.availability().fraction(),
            slo.availability() + " of attempts succeed"),
        new Objective(
            AlertEvent.SLO_FIRST_TOKEN,
            SloSpec.LATE,
            "95% of first tokens within " + Durations.print(firstTokenWithin(service))));
  }

  private static Optional<AlertCondition> of(
      Service service, Objective objective, Windows windows, SloTracker sloTracker) {
    String id = service.metadata().namespace() + "/" + service.metadata().name();
    Counts longCounts = sloTracker.last(id, windows.longWindow);
    Counts shortCounts = sloTracker.last(id, windows.shortWindow);
    boolean burns =
        objective.bad(longCounts) >= FEWEST_BAD
            && objective.rate(longCounts) >= objective.limit(windows)
            && objective.rate(shortCounts) >= objective.limit(windows);
    return burns
        ? Optional.of(condition(service, objective, windows, longCounts, shortCounts))
        : Optional.empty();
  }

  private static AlertCondition condition(
      Service service,
      Objective objective,
      Windows windows,
      Counts longCounts,
      Counts shortCounts) {
    String what =
        objective.event() == AlertEvent.SLO_AVAILABILITY ? "attempts failed" : "first tokens late";
    return new AlertCondition(
        objective.event(),
        windows.severity,
        service.metadata().namespace(),
        service.metadata().name(),
        "",
        windows.text(),
        String.format(
            Locale.ROOT,
            "Service %s/%s uses up its budget %.1f times too fast (objective: %s): %d of %d %s in"
                + " the last %s, %d of %d in the last %s.",
            service.metadata().namespace(),
            service.metadata().name(),
            objective.rate(shortCounts),
            objective.promise(),
            objective.bad(shortCounts),
            objective.all(shortCounts),
            what,
            Durations.print(windows.shortWindow),
            objective.bad(longCounts),
            objective.all(longCounts),
            Durations.print(windows.longWindow)),
        Map.of(
            "objective", objective.promise(),
            "burnRate", String.format(Locale.ROOT, "%.1f", objective.rate(shortCounts)),
            "windows",
                Durations.print(windows.longWindow)
                    + " and "
                    + Durations.print(windows.shortWindow)),
        Optional.empty());
  }
}
