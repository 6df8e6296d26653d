// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.external;

import dev.weir.model.ReleaseSpec.MetricAction;

/// How an external metric stands in a step; kept with the decisions that it had a part in.
///
/// @param action what follows when it has failed
/// @param dryRun it decides nothing
/// @param detail for people, with the metric's name
public record ExternalMetricResult(MetricAction action, boolean dryRun, Kind kind, String detail) {
  /// Only `FAILED` says anything against the version.
  public enum Kind {
    /// Fewer measurements than are wanted.
    RUNNING,
    PASSED,
    /// The value was wrong too often.
    FAILED,
    /// There was no value too often.
    NO_DATA,
    /// Whoever is asked fails.
    PROVIDER_ERROR
  }

  /// Whether it may hold a step up.
  public boolean binds() {
    return !dryRun && action != MetricAction.WARN;
  }
}
