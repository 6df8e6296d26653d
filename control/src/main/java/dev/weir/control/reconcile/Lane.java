// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.reconcile;

import java.util.Locale;

/// The urgency of the work for a key. Each lane has its own workers, so a long queue in one lane
/// never delays the other lane.
public enum Lane {
  /// Publication, convergence, and Services with a release that may need a rollback.
  URGENT,
  /// All other work.
  ORDINARY;

  /// The value of the label `lane` in metrics.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
