// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.control.alert.SloTracker.Counts;
import dev.weir.model.Service;
import dev.weir.model.notation.Durations;
import dev.weir.model.spec.AlertEvent;
import dev.weir.model.spec.SloSpec;
import dev.weir.model.value.Severity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// How many times faster than its objective allows a Service uses its error budget. Both a long and
/// a short window must exceed the limit: the long one shows that it matters, the short one that it
/// still happens.
final class BurnRate {
  /// The share of failures that always exceeds the limit. A budget above 7 % cannot burn 14.4 times
  /// too fast.
  private static final double MAX_FAILURE_SHARE = 0.9;

  /// The minimum number of failures for an alert.
  private static final long MIN_FAILURES = 10;

  private BurnRate() {}

  /// A pair of windows and the burn rate limit for both.
  enum Windows {
    /// 2 % of a month's budget within an hour.
    FAST(Duration.ofHours(1), Duration.ofMinutes(5), 14.4, Severity.CRITICAL),
    /// 5 % within six hours.
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

  /// An objective and its counts in a window.
  private record Objective(AlertEvent event, double budget, String promise) {
    long bad(Counts counts) {
      return event == AlertEvent.SLO_AVAILABILITY ? counts.failed() : counts.late();
    }

    long all(Counts counts) {
      return event == AlertEvent.SLO_AVAILABILITY ? counts.attempts() : counts.firstTokens();
    }

    double limit(Windows windows) {
      return Math.min(windows.rate, MAX_FAILURE_SHARE / budget);
    }

    double rate(Counts counts) {
      return all(counts) == 0 || budget <= 0
          ? 0
          : (double) bad(counts) / (double) all(counts) / budget;
    }
  }

  /// The time limit for first tokens of the Service.
  static Duration firstTokenWithin(Service service) {
    return service
        .spec()
        .slo()
        .ttft()
        .map(SloSpec.LatencyObjective::p95)
        .orElse(service.spec().traffic().timeouts().firstToken());
  }

  static List<AlertCondition> of(Service service, SloTracker sloTracker) {
    List<AlertCondition> conditions = new ArrayList<>();
    for (Objective objective : objectives(service)) {
      for (Windows windows : Windows.values()) {
        of(service, objective, windows, sloTracker).ifPresent(conditions::add);
      }
    }
    return conditions;
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
        objective.bad(longCounts) >= MIN_FAILURES
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
            "Service %s/%s uses its error budget %.1f times too fast (objective: %s): %d of %d %s in"
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
