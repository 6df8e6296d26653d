// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.engine;

/// A load figure that an engine may report.
public enum EngineLoadMetric {
  /// Requests that it works on.
  RUNNING,
  /// Requests in its queue.
  WAITING,
  /// Share of its KV cache in use, 0 to 1.
  KV_USAGE,
  /// 1 while its weights are where they are needed; nobody has to tell this.
  AWAKE;

  /// Whether an engine that does not tell it lacks something.
  boolean wanted() {
    return this != AWAKE;
  }

  /// Whether a value can be true.
  boolean plausible(double value) {
    return switch (this) {
      case RUNNING, WAITING -> Double.isFinite(value) && value >= 0;
      case KV_USAGE, AWAKE -> value >= 0 && value <= 1;
    };
  }

  /// One figure of those of an engine's parallel parts.
  double join(double one, double other) {
    return switch (this) {
      case RUNNING, WAITING -> one + other;
      case KV_USAGE -> Math.max(one, other);
      case AWAKE -> Math.min(one, other);
    };
  }
}
