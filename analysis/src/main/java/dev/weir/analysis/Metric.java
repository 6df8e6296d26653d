// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.Optional;

/// What a canary is judged by. Each metric has its own e-processes, horizon and cursor.
public enum Metric {
  /// Share of requests that failed or timed out before the first byte, or met an overloaded engine.
  @JsonProperty("error")
  ERROR("error", Kind.RATE),
  /// Share of requests, errors left out, whose stream was cut after the first byte.
  @JsonProperty("truncated")
  TRUNCATED("truncated", Kind.RATE),
  /// Time from arrival to the first token.
  @JsonProperty("ttft")
  TTFT("ttft", Kind.LATENCY),
  /// Mean time between tokens of one request.
  @JsonProperty("itl")
  ITL("itl", Kind.LATENCY);

  /// How a metric is reduced to a badness in [0, 1].
  public enum Kind {
    /// Badness is an indicator; tolerance and margin are absolute differences of rates.
    RATE,
    /// Badness is exceeding a baseline quantile; tolerance and margin are relative (0.10 = 10 %).
    LATENCY
  }

  private final String manifestName;
  private final Kind kind;

  Metric(String manifestName, Kind kind) {
    this.manifestName = manifestName;
    this.kind = kind;
  }

  /// The name in manifests, JSON and output.
  public String manifestName() {
    return manifestName;
  }

  public Kind kind() {
    return kind;
  }

  /// The metric of that manifest name, if there is one.
  public static Optional<Metric> named(String manifestName) {
    return Arrays.stream(values()).filter(m -> m.manifestName.equals(manifestName)).findFirst();
  }

  @Override
  public String toString() {
    return manifestName;
  }
}
