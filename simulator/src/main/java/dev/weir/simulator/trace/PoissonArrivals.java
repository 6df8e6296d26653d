// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.trace;

import java.util.Iterator;
import java.util.SplittableRandom;

/// Endless arrivals of a Poisson process, with the lengths of [AzureConversation].
final class PoissonArrivals implements Iterator<Arrival> {
  private final SplittableRandom random;
  private final double meanGapNanos;
  private double atNanos;

  PoissonArrivals(long seed, double requestsPerSecond) {
    this.random = new SplittableRandom(seed);
    this.meanGapNanos = 1e9 / requestsPerSecond;
  }

  @Override
  public boolean hasNext() {
    return true;
  }

  @Override
  public Arrival next() {
    atNanos -= Math.log(1 - random.nextDouble()) * meanGapNanos;
    return AzureConversation.arrival(atNanos, random);
  }
}
