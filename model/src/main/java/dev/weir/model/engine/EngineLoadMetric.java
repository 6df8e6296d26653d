// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.engine;

import dev.weir.model.value.Text;

/// A load figure that an engine may report.
public enum EngineLoadMetric implements Text {
  /// Requests that the engine processes.
  RUNNING("running"),
  /// Requests in its queue.
  WAITING("waiting"),
  /// Share of its KV cache in use, 0 to 1.
  KV_USAGE("kvUsage"),
  /// 1 while its weights are in accelerator memory; optional for every engine.
  AWAKE("awake");

  private final String text;

  EngineLoadMetric(String text) {
    this.text = text;
  }

  @Override
  public String text() {
    return text;
  }

  /// The form in manifests, for the paths of problems.
  @Override
  public String toString() {
    return text;
  }

  /// Whether an engine that does not report it is reported as incomplete.
  public boolean expected() {
    return this != AWAKE;
  }

  /// Whether the value is in the range of this figure.
  public boolean plausible(double value) {
    return switch (this) {
      case RUNNING, WAITING -> Double.isFinite(value) && value >= 0;
      case KV_USAGE, AWAKE -> value >= 0 && value <= 1;
    };
  }

  /// Combines the values of two parts of an engine.
  public double join(double one, double other) {
    return switch (this) {
      case RUNNING, WAITING -> one + other;
      case KV_USAGE -> Math.max(one, other);
      case AWAKE -> Math.min(one, other);
    };
  }
}
