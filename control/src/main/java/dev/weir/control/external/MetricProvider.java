// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.external;

import dev.weir.model.spec.ReleaseSpec.ExternalMetric;

/// Takes one measurement. May block until its own timeouts.
@FunctionalInterface
public interface MetricProvider {
  /// A provider that fails every measurement.
  MetricProvider NONE =
      metric -> new Measurement.ProviderError("no metrics provider is configured");

  /// Never throws: an error is a result too.
  Measurement measure(ExternalMetric metric);
}
