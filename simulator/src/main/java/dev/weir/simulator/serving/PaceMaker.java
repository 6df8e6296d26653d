// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import dev.weir.simulator.engine.Pace;
import dev.weir.simulator.fault.Fault;
import dev.weir.simulator.fault.FaultPlan;
import dev.weir.simulator.serving.ServerSetup.Noise;
import java.util.random.RandomGenerator;

/// Gives each request its pace: noise, cold start and faults multiplied. Confined to one thread.
final class PaceMaker {
  private static final double FASTEST = 0.05;

  private final Noise noise;
  private final RandomGenerator random;

  PaceMaker(Noise noise, RandomGenerator random) {
    this.noise = noise;
    this.random = random;
  }

  /// @param requestNumber counted from 1
  Pace pace(long requestNumber, FaultPlan faults) {
    double cold = requestNumber <= noise.coldRequests() ? noise.coldFactor() : 1;
    double both = cold * faults.get(Fault.LATENCY_FACTOR);
    double first = both * draw() * faults.get(Fault.TTFT_FACTOR);
    double inter = both * draw() * faults.get(Fault.ITL_FACTOR);
    return new Pace(first, Math.max(FASTEST, inter));
  }

  private double draw() {
    return Math.exp(noise.spread() * random.nextGaussian());
  }
}
