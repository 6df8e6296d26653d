// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import dev.weir.snapshot.RoutingSnapshot.Isolation;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// Chooses which replicas of an arm with open breakers are ejected. Never all: an arm is not taken
/// out of service because of its own breakers, and the failures of a canary must be observed.
/// Breakers that opened last are ejected first, because their replicas are known to fail now;
/// earlier ones may have recovered and only wait for their probe.
final class OutlierEjection {
  private OutlierEjection() {}

  /// @param arm health of all its replicas
  /// @return indexes of the ejected replicas; those that opened last if there are too many
  static Set<Integer> of(List<PassiveHealth> arm, Isolation policy) {
    List<Integer> open = open(arm);
    if (open.isEmpty()) {
      return Set.of();
    }
    int maxEjected = Math.max(1, arm.size() * policy.maxEjectedPercent() / 100);
    List<Integer> ejected = open.subList(0, Math.min(maxEjected, open.size()));
    int remaining = arm.size() - ejected.size();
    boolean panic = remaining * 100 < arm.size() * policy.panicPercent();
    return panic ? Set.of() : new HashSet<>(ejected);
  }

  private static List<Integer> open(List<PassiveHealth> arm) {
    if (arm.stream().noneMatch(PassiveHealth::isOpen)) {
      return List.of();
    }
    return IntStream.range(0, arm.size())
        .boxed()
        .filter(i -> arm.get(i).isOpen())
        .sorted(Comparator.comparingLong((Integer i) -> since(arm.get(i))).reversed())
        .toList();
  }

  private static long since(PassiveHealth health) {
    return switch (health.breaker()) {
      case Breaker.Closed closed -> closed.sinceNanos();
      case Breaker.Open open -> open.sinceNanos();
      case Breaker.HalfOpen halfOpen -> halfOpen.sinceNanos();
    };
  }
}
