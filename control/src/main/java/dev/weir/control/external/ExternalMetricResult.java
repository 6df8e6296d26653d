// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.external;

import dev.weir.model.spec.ReleaseSpec.MetricAction;

/// The result of an external metric in a step; stored with the decisions that use it.
///
/// @param action taken if the metric fails
/// @param dryRun whether the metric has no effect on decisions
/// @param detail for users, with the name of the metric
public record ExternalMetricResult(MetricAction action, boolean dryRun, Kind kind, String detail) {
  /// Only `FAILED` counts against the version.
  public enum Kind {
    /// There are fewer measurements than required.
    RUNNING,
    PASSED,
    /// Too many values did not meet the condition.
    FAILED,
    /// Too many measurements had no value.
    NO_DATA,
    /// The metric provider fails.
    PROVIDER_ERROR
  }

  /// Whether it may delay a step.
  public boolean binds() {
    return !dryRun && action != MetricAction.WARN;
  }
}
