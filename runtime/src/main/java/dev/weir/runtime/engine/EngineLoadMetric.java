// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.engine;

/// A load metric that an engine may report.
public enum EngineLoadMetric {
  /// Requests that are being processed.
  RUNNING,
  /// Requests in its queue.
  WAITING,
  /// Share of its KV cache in use, 0 to 1.
  KV_USAGE,
  /// 1 while the weights are loaded; optional.
  AWAKE;

  /// Whether every engine is expected to report it.
  boolean wanted() {
    return this != AWAKE;
  }

  /// Whether a value is in the valid range.
  boolean plausible(double value) {
    return switch (this) {
      case RUNNING, WAITING -> Double.isFinite(value) && value >= 0;
      case KV_USAGE, AWAKE -> value >= 0 && value <= 1;
    };
  }

  /// Combines the values of an engine's parallel parts.
  double join(double one, double other) {
    return switch (this) {
      case RUNNING, WAITING -> one + other;
      case KV_USAGE -> Math.max(one, other);
      case AWAKE -> Math.min(one, other);
    };
  }
}
