// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import dev.weir.simulator.engine.SpeedFactor;
import dev.weir.simulator.fault.FaultPlan;
import dev.weir.simulator.fault.SimulatedFault;
import dev.weir.simulator.serving.ServerSetup.Noise;
import java.util.random.RandomGenerator;

/// Computes the speed factor of each request: the product of noise, cold start and faults. Confined
/// to one thread.
final class SpeedFactors {
  private static final double FASTEST = 0.05;

  private final Noise noise;
  private final RandomGenerator random;

  SpeedFactors(Noise noise, RandomGenerator random) {
    this.noise = noise;
    this.random = random;
  }

  /// @param requestNumber starts at 1
  SpeedFactor speedFactor(long requestNumber, FaultPlan faults) {
    double cold = requestNumber <= noise.coldRequests() ? noise.coldFactor() : 1;
    double both = cold * faults.get(SimulatedFault.LATENCY_FACTOR);
    double first = both * draw() * faults.get(SimulatedFault.TTFT_FACTOR);
    double inter = both * draw() * faults.get(SimulatedFault.ITL_FACTOR);
    return new SpeedFactor(first, Math.max(FASTEST, inter));
  }

  private double draw() {
    return Math.exp(noise.spread() * random.nextGaussian());
  }
}
