// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import dev.weir.simulator.engine.EngineLimits;
import dev.weir.simulator.engine.EngineProfile;
import dev.weir.simulator.fault.FaultPlan;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// Everything a simulated server is made of.
///
/// @param model what is served
/// @param profile how fast
/// @param limits of the batch
/// @param noise on the times of each request
/// @param loadNanos how long the engine loads before it is ready
/// @param faults at start
/// @param random for noise and faults
/// @param ids for the ids of answers
/// @param nanoTime a monotonic clock
/// @param crash ends the server as a crash would; called on its event loop
public record ServerSetup(
    ServedModel model,
    EngineProfile profile,
    EngineLimits limits,
    Noise noise,
    long loadNanos,
    FaultPlan faults,
    RandomGenerator random,
    RandomGenerator ids,
    LongSupplier nanoTime,
    Runnable crash) {
  /// Differences between requests that the profile does not explain.
  ///
  /// @param spread sigma of a lognormal factor with median 1, drawn for each request twice: for its
  ///   first token and for its other tokens
  /// @param coldRequests how many first requests are slower
  /// @param coldFactor by how much
  public record Noise(double spread, int coldRequests, double coldFactor) {
    public Noise {
      if (!(spread >= 0 && spread <= 1)) {
        throw new IllegalArgumentException("latency-spread is " + spread + ", must be from 0 to 1");
      }
      if (coldRequests < 0 || !(coldFactor >= 1)) {
        throw new IllegalArgumentException(
            "cold-requests is "
                + coldRequests
                + ", must be 0 or more; cold-factor is "
                + coldFactor
                + ", must be 1 or more");
      }
    }
  }
}
