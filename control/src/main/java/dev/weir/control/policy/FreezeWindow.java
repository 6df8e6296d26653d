// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.policy;

import dev.weir.model.spec.PolicySpec.Freeze;
import dev.weir.model.spec.PolicySpec.Weekly;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.Optional;

/// Computes the end of an active freeze.
///
/// A weekly freeze uses local time. When clocks change, it is never shorter than in local time: a
/// local time that does not exist is the moment of the change; of a local time that occurs twice,
/// the first starts a freeze and the second ends it.
final class FreezeWindow {
  /// A freeze that starts on a day has ended two days later.
  private static final int MAX_DAYS = 2;

  private FreezeWindow() {}

  /// @return empty if the freeze is not active at that time
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
    for (int days = -MAX_DAYS; days <= 1; days++) {
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
    ZoneOffsetTransition transition = zone.getRules().getTransition(time);
    if (transition == null) {
      return time.atZone(zone).toInstant();
    }
    return transition.isGap()
        ? transition.getInstant()
        : time.toInstant(later ? transition.getOffsetAfter() : transition.getOffsetBefore());
  }
}
