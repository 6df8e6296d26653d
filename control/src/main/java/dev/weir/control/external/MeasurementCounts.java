// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.external;

import dev.weir.control.external.ExternalMetricResult.Kind;
import dev.weir.model.spec.ReleaseSpec.ExternalMetric;

/// The measurements of one metric in one step, counted like those of Argo Rollouts. More failures
/// than `failureLimit` fail the metric. More measurements without a result than
/// `inconclusiveLimit`, or more consecutive errors than `consecutiveErrorLimit`, leave it
/// undecided.
///
/// @param passed measurements
/// @param failed measurements
/// @param noData measurements
/// @param errorsInARow consecutive errors up to now
/// @param last describes the last measurement
record MeasurementCounts(int passed, int failed, int noData, int errorsInARow, String last) {
  static final MeasurementCounts NONE = new MeasurementCounts(0, 0, 0, 0, "not measured yet");

  MeasurementCounts add(Measurement measured) {
    return switch (measured) {
      case Measurement.Passed(double value) ->
          new MeasurementCounts(passed + 1, failed, noData, 0, "value " + value);
      case Measurement.Failed(double value) ->
          new MeasurementCounts(passed, failed + 1, noData, 0, "value " + value);
      case Measurement.NoData(String why) ->
          new MeasurementCounts(passed, failed, noData + 1, 0, why);
      case Measurement.ProviderError(String why) ->
          new MeasurementCounts(passed, failed, noData, errorsInARow + 1, why);
    };
  }

  /// The number of measurements; an error does not count.
  int measured() {
    return passed + failed + noData;
  }

  ExternalMetricResult result(ExternalMetric metric) {
    if (failed > metric.failureLimit()) {
      return result(
          metric,
          Kind.FAILED,
          "%d of %d measurements are not %s, the last: %s"
              .formatted(failed, measured(), metric.successCondition(), last));
    }
    if (errorsInARow > metric.consecutiveErrorLimit()) {
      return result(
          metric,
          Kind.PROVIDER_ERROR,
          "cannot be measured, %d errors in a row: %s".formatted(errorsInARow, last));
    }
    if (noData > metric.inconclusiveLimit()) {
      return result(
          metric,
          Kind.NO_DATA,
          "no data in %d of %d measurements: %s".formatted(noData, measured(), last));
    }
    int wanted = metric.count().orElse(1);
    return passed + failed >= wanted
        ? result(metric, Kind.PASSED, "%s of %d measurements".formatted(last, measured()))
        : result(metric, Kind.RUNNING, "%d of %d measurements".formatted(passed + failed, wanted));
  }

  private static ExternalMetricResult result(ExternalMetric metric, Kind kind, String detail) {
    return new ExternalMetricResult(
        metric.action(), metric.dryRun(), kind, metric.name() + ": " + detail);
  }
}
