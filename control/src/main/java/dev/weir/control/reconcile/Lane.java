// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.reconcile;

import java.util.Locale;

/// How urgent the work for a key is. Each lane has workers of its own, so a long queue in one lane
/// never delays the other.
public enum Lane {
  /// Publication, convergence, and Services whose release may have to roll back.
  URGENT,
  /// Everything else.
  ORDINARY;

  /// The value of the label `lane` in metrics.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
