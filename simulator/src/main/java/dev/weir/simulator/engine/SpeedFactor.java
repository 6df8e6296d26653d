// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.engine;

/// How much slower (above 1) or faster (below 1) than the profile one request goes: its noise and
/// the faults it meets, multiplied together.
///
/// @param firstToken factor on host overhead + prefill
/// @param interToken factor on the time between its tokens; 0.05 at least
public record SpeedFactor(double firstToken, double interToken) {
  /// As the profile says.
  public static final SpeedFactor EVEN = new SpeedFactor(1, 1);

  public SpeedFactor {
    if (!(firstToken > 0) || !(interToken >= 0.05)) {
      throw new IllegalArgumentException("pace " + firstToken + ", " + interToken + " is too fast");
    }
  }
}
