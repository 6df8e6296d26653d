// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.policy;

import dev.weir.model.Policy;
import dev.weir.model.spec.PolicySpec.Freeze;
import dev.weir.model.spec.PolicySpec.OnRunning;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The frozen namespaces at one moment, and the end of each freeze.
final class Freezes {
  /// The maximum number of adjacent freezes that are searched for an end.
  private static final int MAX_ADJACENT = 64;

  private static final DateTimeFormatter LOCAL_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.ROOT);

  private final Collection<Policy> policies;
  private final Instant now;
  private final Map<String, Optional<Frozen>> known = new HashMap<>();

  Freezes(Collection<Policy> policies, Instant now) {
    this.policies = policies;
    this.now = now;
  }

  /// @param opens the first moment without a freeze; empty if no end is known
  /// @param zone the time zone for messages
  /// @param names of the active freezes, with their policies
  /// @param pauses whether one of them also pauses running releases
  record Frozen(Optional<Instant> opens, ZoneId zone, List<String> names, boolean pauses) {
    String message() {
      return "frozen %s by %s".formatted(opens.map(this::until).orElse("for good"), by());
    }

    String by() {
      return String.join(", ", names);
    }

    private String until(Instant end) {
      Instant second = end.truncatedTo(ChronoUnit.SECONDS);
      String local = LOCAL_TIME.format(second.atZone(zone)) + " " + zone.getId();
      return "until " + local + (zone.getRules().isFixedOffset() ? "" : " (" + second + ")");
    }
  }

  private record Bound(Policy policy, Freeze freeze) {
    String name() {
      return "policy %s (%s)".formatted(policy.metadata().name(), freeze.name());
    }

    Optional<Instant> end(Instant at) {
      return FreezeWindow.end(freeze, at);
    }
  }

  Optional<Frozen> of(String namespace) {
    return known.computeIfAbsent(namespace, this::find);
  }

  private Optional<Frozen> find(String namespace) {
    List<Bound> bound =
        policies.stream()
            .filter(policy -> policy.spec().about(namespace))
            .flatMap(policy -> policy.spec().freeze().stream().map(f -> new Bound(policy, f)))
            .toList();
    List<Bound> on = bound.stream().filter(b -> b.end(now).isPresent()).toList();
    return on.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Frozen(
                opens(bound),
                FreezeWindow.zone(on.getFirst().freeze()),
                on.stream().map(Bound::name).toList(),
                on.stream().anyMatch(b -> b.freeze().onRunning() == OnRunning.PAUSE)));
  }

  private Optional<Instant> opens(List<Bound> bound) {
    Instant at = now;
    for (int i = 0; i < MAX_ADJACENT; i++) {
      Instant from = at;
      Optional<Instant> end =
          bound.stream().flatMap(b -> b.end(from).stream()).max(Instant::compareTo);
      if (end.isEmpty()) {
        return Optional.of(at);
      }
      at = end.get();
    }
    return Optional.empty();
  }
}
