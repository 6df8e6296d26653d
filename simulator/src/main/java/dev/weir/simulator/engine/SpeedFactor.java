// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.engine;

/// The factor by which one request is slower (above 1) or faster (below 1) than the profile: the
/// product of its noise and its faults.
///
/// @param firstToken factor on host overhead and prefill
/// @param interToken factor on the time between its tokens; at least 0.05
public record SpeedFactor(double firstToken, double interToken) {
  /// No deviation from the profile.
  public static final SpeedFactor EVEN = new SpeedFactor(1, 1);

  public SpeedFactor {
    if (!(firstToken > 0) || !(interToken >= 0.05)) {
      throw new IllegalArgumentException(
          "speed factors must be above 0 and at least 0.05: " + firstToken + ", " + interToken);
    }
  }
}
