// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

/// Renders `/metrics` in the Prometheus text format 0.0.4. Called on a virtual thread, so it may
/// block.
@FunctionalInterface
public interface MetricsSource {
  byte[] scrape();
}
