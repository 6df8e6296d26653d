// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import dev.weir.model.value.Default;
import dev.weir.model.value.Text;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/// Guard rails for releases. Reverts are never blocked.
///
/// @param namespaces namespaces that the policy covers; empty means all
/// @param freeze periods in which no release starts
/// @param maxConcurrentRollouts limits on concurrent releases
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

  /// A period in which no release starts: it repeats every week, or has one start and one end.
  ///
  /// @param onRunning what happens to releases that are running when it starts
  public record Freeze(
      String name,
      Optional<Weekly> weekly,
      Optional<Instant> from,
      Optional<Instant> until,
      @Default("continue") OnRunning onRunning) {}

  /// A weekly schedule in local time, daylight saving time included.
  ///
  /// @param days days on which the freeze starts; empty means every day
  /// @param from `HH:MM`
  /// @param to `HH:MM`, at most `24:00`; on the next day when it is not after `from`
  /// @param timezone an IANA time zone such as `Europe/Berlin`
  public record Weekly(
      @Default("[]") List<Weekday> days,
      @Default("00:00") String from,
      @Default("24:00") String to,
      @Default("UTC") String timezone) {
    /// The end of a day, which `LocalTime` cannot represent.
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
    /// They continue.
    CONTINUE("continue"),
    /// They pause until the freeze ends. A release with proven harm is still reverted.
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

  /// Limits on concurrent releases. Without a free slot a release waits, in the order in which the
  /// releases were created.
  ///
  /// @param perTarget maximum releases with replicas on one Target, 0 for no limit
  /// @param total maximum releases that the policy covers, 0 for no limit
  /// @param whilePaused a release that is paused for this long releases its slot
  public record ConcurrentRollouts(
      @Default("0") int perTarget, @Default("0") int total, @Default("1h") Duration whilePaused) {}
}
