// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.metric;

/// Classes of the prompt tokens that a replica is expected to process before the first token: each
/// begins at twice the tokens of the one before. They are the strata of [ReleaseMetric#TTFT].
public final class PrefillClass {
  /// Number of classes.
  public static final int COUNT = 8;

  /// The class of a request whose prompt is unknown.
  public static final int UNKNOWN = -1;

  private static final int LOG_OF_SECOND = 6;

  private PrefillClass() {}

  /// The class: 0 below 64 tokens, 1 below 128, up to 7 from 4096 on.
  ///
  /// @param tokens above 0, or 0 if they are unknown
  public static int of(int tokens) {
    int log = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(tokens);
    return tokens <= 0 ? UNKNOWN : Math.clamp(log - LOG_OF_SECOND + 1, 0, COUNT - 1);
  }
}
