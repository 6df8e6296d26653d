// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/// What releases must keep to. Reverts need no leave.
///
/// @param namespaces whose releases it is about, none named means all
/// @param freeze when no release starts
/// @param maxConcurrentRollouts how many run at one time
public record PolicySpec(
    @Default("[]") List<String> namespaces,
    @Default("[]") List<Freeze> freeze,
    @Default("{}") ConcurrentRollouts maxConcurrentRollouts) {
  public PolicySpec {
    namespaces = List.copyOf(namespaces);
    freeze = List.copyOf(freeze);
  }

  public boolean about(String namespace) {
    return namespaces.isEmpty() || namespaces.contains(namespace);
  }

  /// A time without releases: one that comes again every week, or one with a beginning and an end.
  ///
  /// @param onRunning what becomes of releases that run when it begins
  public record Freeze(
      String name,
      Optional<Weekly> weekly,
      Optional<Instant> from,
      Optional<Instant> until,
      @Default("continue") OnRunning onRunning) {}

  /// By the clock on the wall, summer time and all.
  ///
  /// @param days on which it begins, none named means every day
  /// @param from `HH:MM`
  /// @param to `HH:MM` up to `24:00`; of the next day when it is not after `from`
  /// @param timezone such as `Europe/Berlin`
  public record Weekly(
      @Default("[]") List<Weekday> days,
      @Default("00:00") String from,
      @Default("24:00") String to,
      @Default("UTC") String timezone) {
    /// The end of a day, which no clock shows.
    public static final String MIDNIGHT = "24:00";

    public Weekly {
      days = List.copyOf(days);
    }
  }

  public enum Weekday implements Text {
    MONDAY("mon", DayOfWeek.MONDAY),
    TUESDAY("tue", DayOfWeek.TUESDAY),
    WEDNESDAY("wed", DayOfWeek.WEDNESDAY),
    THURSDAY("thu", DayOfWeek.THURSDAY),
    FRIDAY("fri", DayOfWeek.FRIDAY),
    SATURDAY("sat", DayOfWeek.SATURDAY),
    SUNDAY("sun", DayOfWeek.SUNDAY);

    private final String text;
    private final DayOfWeek day;

    Weekday(String text, DayOfWeek day) {
      this.text = text;
      this.day = day;
    }

    @Override
    public String text() {
      return text;
    }

    public boolean is(LocalDate date) {
      return date.getDayOfWeek() == day;
    }
  }

  public enum OnRunning implements Text {
    /// They go on.
    CONTINUE("continue"),
    /// They stay where they are until the freeze is over. A release that could be proven bad is
    /// reverted all the same.
    PAUSE("pause");

    private final String text;

    OnRunning(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  /// Places for releases. Without a free slot a release waits, in the order in which the releases
  /// were created.
  ///
  /// @param perTarget of releases with replicas on one Target, 0 for no limit
  /// @param total of all releases that the policy is about, 0 for no limit
  /// @param whilePaused a release that is paused for so long gives up its place
  public record ConcurrentRollouts(
      @Default("0") int perTarget, @Default("0") int total, @Default("1h") Duration whilePaused) {}
}
