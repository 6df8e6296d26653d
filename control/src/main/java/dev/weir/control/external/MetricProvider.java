// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.external;

import dev.weir.model.ReleaseSpec.ExternalMetric;

/// Takes one measurement. May block for as long as its own timeouts say.
@FunctionalInterface
public interface MetricProvider {
  /// Where nobody can be asked.
  MetricProvider NONE =
      metric -> new Measurement.ProviderError("no metrics provider is configured");

  /// Never throws: what goes wrong is a measurement too.
  Measurement measure(ExternalMetric metric);
}
