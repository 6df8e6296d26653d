// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

/// The estimate of the baseline's mean badness *before* a slice: a prior with a weight of 20
/// requests, and the baseline's requests of earlier slices, which decay by 3 % per slice. It
/// centres payoffs; a wrong value only costs power, as long as the router applies its weight.
public final class Ewma {

  /// The factor of a slice's weight in the next slice.
  public static final double DECAY = 0.97;

  private static final double PRIOR_REQUESTS = 20;

  private final double prior;
  private double bad;
  private double requests;

  public Ewma(double prior) {
    this(prior, 0, 0);
  }

  /// A mean with prior data: `bad` of `requests`.
  public Ewma(double prior, double bad, double requests) {
    if (!(prior >= 0 && prior <= 1)) {
      throw new IllegalArgumentException("prior must be in [0, 1] but is " + prior);
    }
    if (!(bad >= 0 && bad <= requests && Double.isFinite(requests))) {
      throw new IllegalArgumentException(
          "a mean needs 0 <= bad <= requests but has %s of %s".formatted(bad, requests));
    }
    this.prior = prior;
    this.bad = bad;
    this.requests = requests;
  }

  /// The persistent state.
  public record State(double prior, double bad, double requests) {}

  public static Ewma of(State state) {
    return new Ewma(state.prior(), state.bad(), state.requests());
  }

  public State state() {
    return new State(prior, bad, requests);
  }

  public double value() {
    return (PRIOR_REQUESTS * prior + bad) / (PRIOR_REQUESTS + requests);
  }

  /// Adds a slice's baseline data: call it after the bets on the slice.
  public void add(double sliceBad, double sliceRequests) {
    bad = bad * DECAY + sliceBad;
    requests = requests * DECAY + sliceRequests;
  }

  /// Adds a slice's baseline counts.
  public void add(SliceCounts counts) {
    add((double) counts.baselineBad(), (double) counts.baseline());
  }

  /// Adds a slice's baseline units.
  public void add(UnitScores units) {
    add(units.baselineBad(), (double) units.baselineUnits());
  }
}
