// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import dev.weir.snapshot.RoutingSnapshot.Isolation;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// Which replicas of an arm are left out because their breakers are open. Not all: however many
/// fail, an arm is not taken out of service on the word of its own breakers, and the failures of a
/// canary are seen. The last to open is known to fail now; one that opened before may be well again
/// and only waits for its probe.
final class OutlierEjection {
  private OutlierEjection() {}

  /// @param arm health of all its replicas
  /// @return indexes of those that are ejected; the last to open where they are too many
  static Set<Integer> of(List<PassiveHealth> arm, Isolation policy) {
    List<Integer> open = open(arm);
    if (open.isEmpty()) {
      return Set.of();
    }
    int most = Math.max(1, arm.size() * policy.maxEjectedPercent() / 100);
    List<Integer> ejected = open.subList(0, Math.min(most, open.size()));
    int left = arm.size() - ejected.size();
    boolean panic = left * 100 < arm.size() * policy.panicPercent();
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
