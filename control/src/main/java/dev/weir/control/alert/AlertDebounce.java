// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.model.spec.AlertEvent;
import java.time.Duration;

/// How long a condition must be true before an alert fires, and absent before it resolves. A
/// flapping condition is one alert.
final class AlertDebounce {
  private AlertDebounce() {}

  static Duration toFire(AlertEvent event) {
    return switch (event) {
      case REPLICAS_NOT_READY -> Duration.ofMinutes(2);
      case GATEWAY_BEHIND -> Duration.ofSeconds(30);
      case CRASH_LOOP, REVERT_LATE, NO_ROLLBACK_TARGET -> Duration.ZERO;
      case SLO_AVAILABILITY, SLO_FIRST_TOKEN -> Duration.ZERO;
      case ROLLOUT_REVERTED, ROLLOUT_INCONCLUSIVE, ROLLOUT_WAITING -> Duration.ZERO;
      case OVERRIDE, ROLLOUT_PHASE, TEST -> Duration.ZERO;
    };
  }

  /// After a start, the control plane has no traffic data. An SLO alert therefore resolves only
  /// after a whole short window.
  static Duration toResolve(AlertEvent event) {
    return switch (event) {
      case SLO_AVAILABILITY, SLO_FIRST_TOKEN -> Duration.ofMinutes(5);
      case CRASH_LOOP, REPLICAS_NOT_READY -> Duration.ofMinutes(1);
      case GATEWAY_BEHIND, REVERT_LATE -> Duration.ofSeconds(5);
      case NO_ROLLBACK_TARGET -> Duration.ZERO;
      case ROLLOUT_REVERTED, ROLLOUT_INCONCLUSIVE, ROLLOUT_WAITING -> Duration.ZERO;
      case OVERRIDE, ROLLOUT_PHASE, TEST -> Duration.ZERO;
    };
  }
}
