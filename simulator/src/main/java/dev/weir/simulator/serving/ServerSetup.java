// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import dev.weir.simulator.engine.EngineLimits;
import dev.weir.simulator.engine.EngineProfile;
import dev.weir.simulator.fault.FaultPlan;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// The parts of a simulated server.
///
/// @param model the served model
/// @param profile speed of the engine
/// @param limits limits of the batch
/// @param noise noise on the times of each request
/// @param loadNanos start-up time before the engine is ready
/// @param faults initial faults
/// @param random source of noise and faults
/// @param ids source of response ids
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
  /// Variation between requests beyond the profile.
  ///
  /// @param spread sigma of a lognormal factor with median 1, drawn twice per request: for the
  ///   first token and for the other tokens
  /// @param coldRequests number of slow first requests
  /// @param coldFactor slowdown of these requests
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
