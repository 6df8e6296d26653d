// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.policy;

import dev.weir.model.PolicySpec.Freeze;
import dev.weir.model.PolicySpec.Weekly;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.Optional;

/// When a freeze is over that is on.
///
/// A weekly one goes by the clock on the wall. On the day on which clocks change it is never
/// shorter than that clock says: a time that does not exist begins and ends with the leap over it,
/// and of one that comes twice the first begins a freeze and the second ends it.
final class FreezeWindow {
  /// One that begins on a day is over two days later, wherever that day began.
  private static final int MOST_DAYS = 2;

  private FreezeWindow() {}

  /// @return empty when the freeze is not on at that time
  static Optional<Instant> end(Freeze freeze, Instant at) {
    return freeze.weekly().isPresent() ? end(freeze.weekly().get(), at) : once(freeze, at);
  }

  static ZoneId zone(Freeze freeze) {
    return freeze.weekly().map(weekly -> ZoneId.of(weekly.timezone())).orElse(ZoneOffset.UTC);
  }

  private static Optional<Instant> once(Freeze freeze, Instant at) {
    return freeze
        .from()
        .filter(from -> !at.isBefore(from))
        .flatMap(_ -> freeze.until())
        .filter(at::isBefore);
  }

  private static Optional<Instant> end(Weekly weekly, Instant at) {
    ZoneId zone = ZoneId.of(weekly.timezone());
    LocalDate today = at.atZone(zone).toLocalDate();
    Optional<Instant> last = Optional.empty();
    for (int days = -MOST_DAYS; days <= 1; days++) {
      LocalDate day = today.plusDays(days);
      if (begins(weekly, day) && !at.isBefore(begin(weekly, day, zone))) {
        Instant end = end(weekly, day, zone);
        last = at.isBefore(end) ? Optional.of(end) : last;
      }
    }
    return last;
  }

  private static boolean begins(Weekly weekly, LocalDate day) {
    return weekly.days().isEmpty() || weekly.days().stream().anyMatch(name -> name.is(day));
  }

  private static Instant begin(Weekly weekly, LocalDate day, ZoneId zone) {
    return instant(day.atTime(LocalTime.parse(weekly.from())), zone, false);
  }

  private static Instant end(Weekly weekly, LocalDate day, ZoneId zone) {
    if (weekly.to().equals(Weekly.MIDNIGHT)) {
      return instant(day.plusDays(1).atStartOfDay(), zone, true);
    }
    LocalTime to = LocalTime.parse(weekly.to());
    boolean sameDay = to.isAfter(LocalTime.parse(weekly.from()));
    return instant((sameDay ? day : day.plusDays(1)).atTime(to), zone, true);
  }

  private static Instant instant(LocalDateTime time, ZoneId zone, boolean later) {
    ZoneOffsetTransition leap = zone.getRules().getTransition(time);
    if (leap == null) {
      return time.atZone(zone).toInstant();
    }
    return leap.isGap()
        ? leap.getInstant()
        : time.toInstant(later ? leap.getOffsetAfter() : leap.getOffsetBefore());
  }
}
