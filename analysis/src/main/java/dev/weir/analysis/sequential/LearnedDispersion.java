// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// The dispersion divisor of each quantile, learned during the release from earlier slices.
///
/// Replicas of one version differ by noise that one arm has and the other has not: a busy host, a
/// slow disk. In a batch of a minute, the noise changes the canary's share of slow answers by more
/// than chance. The variance of these changes over the batches, beyond chance, is the noise
/// `kappa`; the canary's own constant shift is no noise. The divisor is `1 + 1.25 (1 + 10 / (J +
/// 1)) kappa n` after `J` batches, with `n` canary answers in a batch at the present weight. Until
/// there are batches, `kappa` has a prior.
///
/// Few batches underestimate noise that lasts as long as a batch. So evidence for harm has twice
/// the excess of the divisor, and while `kappa` may be large, only a difference by a factor of 1.5
/// reverts. Noise can exceed that factor for a minute: a minute counts for at most 30 answers
/// there.
///
/// A divisor is valid because it depends on earlier slices only. See
/// `docs/internals/release-ramp.md`.
public final class LearnedDispersion implements DispersionDivisor {
  private static final long BATCH_MILLIS = 60_000;

  /// Batches after which old ones are forgotten.
  private static final int MOST_BATCHES = 30;

  /// Batches before the noise counts as known.
  private static final int FEWEST_BATCHES = 8;

  private static final int FEWEST_ANSWERS = 5;
  private static final double PRIOR_KAPPA = .01;
  private static final double PRIOR_WEIGHT = 50_000;
  private static final double SAFETY = 1.25;
  private static final double UNCERTAINTY = 10;

  /// How much more the divisor of harm exceeds 1.
  private static final double HARM_SAFETY = 2;

  /// Noise up to which small differences may revert, with the uncertainty of `kappa`: a standard
  /// deviation of the log latency of about .08.
  private static final double SMALL_KAPPA = .01;

  /// How many times a shift exceeds the standard deviation of the noise to count as no noise.
  private static final double OUTWEIGHS = 3;

  /// Canary answers that count in a minute for a large difference.
  private static final double LARGE_PER_BATCH = 30;

  /// Below this value, the divisor is 1.
  private static final double NEGLIGIBLE = 1.2;

  /// Requests in a batch before the first one is complete: 10 requests per second.
  private static final double ASSUMED_REQUESTS = 600;

  private final Optional<DispersionDivisor> history;
  private final List<List<Batch>> batches;
  private SliceCounts[] open;
  private long openSince;
  private double requests;
  private double rho;
  private double[] kappa;

  /// One batch of one quantile.
  ///
  /// @param x shift of the canary's slow answers, per unit of their variance
  /// @param n canary answers
  /// @param v variance of the number of slow answers by chance
  public record Batch(double x, double n, double v) {}

  /// The persistent state.
  ///
  /// @param batches by quantile, oldest first
  /// @param open counts of the present batch, by quantile
  /// @param openSince end of the first slice of the present batch, in milliseconds; 0 without one
  /// @param requests requests of both arms in the last complete batch
  /// @param rho canary weight of the last slice
  public record State(
      List<List<Batch>> batches,
      List<SliceCounts> open,
      long openSince,
      double requests,
      double rho) {
    public State {
      batches = batches.stream().map(List::copyOf).toList();
      open = List.copyOf(open);
      if (batches.size() != open.size()) {
        throw new IllegalArgumentException("the batches do not fit the quantiles");
      }
    }
  }

  /// @param quantiles number of quantiles
  /// @param history divisors that were measured before the release, if there are any
  public static LearnedDispersion start(int quantiles, Optional<DispersionDivisor> history) {
    return new LearnedDispersion(
        new State(
            Collections.nCopies(quantiles, List.of()),
            Collections.nCopies(quantiles, SliceCounts.NONE),
            0,
            ASSUMED_REQUESTS,
            0),
        history);
  }

  /// Continues from a state.
  public LearnedDispersion(State state, Optional<DispersionDivisor> history) {
    this.history = history;
    batches = new ArrayList<>();
    state.batches().forEach(of -> batches.add(new ArrayList<>(of)));
    open = state.open().toArray(SliceCounts[]::new);
    openSince = state.openSince();
    requests = state.requests();
    rho = state.rho();
    kappa = batches.stream().mapToDouble(LearnedDispersion::kappa).toArray();
  }

  public State state() {
    return new State(
        batches.stream().map(List::copyOf).toList(), List.of(open), openSince, requests, rho);
  }

  /// Adds a slice after the bets on it.
  ///
  /// @param endMillis end of the slice
  /// @param weight its canary weight
  /// @param counts slow answers by quantile
  public void observe(long endMillis, double weight, List<SliceCounts> counts) {
    rho = weight;
    if (openSince == 0) {
      openSince = endMillis;
    } else if (endMillis - openSince >= BATCH_MILLIS) {
      close();
      openSince = endMillis;
    }
    for (int i = 0; i < open.length; i++) {
      open[i] = open[i].plus(counts.get(i));
    }
  }

  private void close() {
    requests = open[0].canary() + open[0].baseline();
    for (int i = 0; i < open.length; i++) {
      SliceCounts of = open[i];
      if (of.canary() >= FEWEST_ANSWERS && of.baseline() >= FEWEST_ANSWERS) {
        add(batches.get(i), batch(of));
        kappa[i] = kappa(batches.get(i));
      }
      open[i] = SliceCounts.NONE;
    }
  }

  private static void add(List<Batch> to, Batch batch) {
    to.add(batch);
    if (to.size() > MOST_BATCHES) {
      to.removeFirst();
    }
  }

  private static Batch batch(SliceCounts of) {
    double n = of.canary();
    double baseline = of.baseline();
    double share = (of.canaryBad() + of.baselineBad() + .5) / (n + baseline + 1);
    double v = n * share * (1 - share) * (1 + n / baseline);
    double shift = of.canaryBad() - n * of.baselineBad() / baseline;
    return new Batch(shift / v, n, v);
  }

  private static double kappa(List<Batch> batches) {
    double all = batches.stream().mapToDouble(Batch::v).sum();
    boolean one = batches.size() == 1;
    double mean = one ? 0 : shift(batches);
    double excess = PRIOR_WEIGHT * PRIOR_KAPPA;
    double weight = PRIOR_WEIGHT;
    for (Batch batch : batches) {
      double leverage = Math.max(.1, 1 - batch.v() / all);
      double square = (batch.x() - mean) * (batch.x() - mean) * batch.v() / leverage;
      excess += ((one ? 1 : square) - 1) * batch.n();
      weight += batch.n() * batch.n();
    }
    return Math.max(0, excess / weight);
  }

  /// The canary's constant shift.
  private static double shift(List<Batch> batches) {
    double all = batches.stream().mapToDouble(Batch::v).sum();
    return batches.stream().mapToDouble(b -> b.x() * b.v()).sum() / all;
  }

  @Override
  public double at(int quantile, double weight) {
    int known = batches.get(quantile).size();
    double learned = 1 + SAFETY * uncertainty(known) * kappa[quantile] * requests * weight;
    double floored = learned < NEGLIGIBLE ? 1 : learned;
    return history
        .map(of ->
            (FEWEST_BATCHES * of.at(quantile, weight) + known * floored) / (FEWEST_BATCHES + known))
        .orElse(floored);
  }

  private static double uncertainty(int known) {
    return 1 + UNCERTAINTY / (known + 1);
  }

  @Override
  public double ofHarm(int quantile, double weight) {
    return 1 + HARM_SAFETY * (at(quantile, weight) - 1);
  }

  @Override
  public double ofLargeHarm(double weight) {
    return Math.max(1, requests * weight / LARGE_PER_BATCH);
  }

  @Override
  public boolean uncertain() {
    int known = batches.stream().mapToInt(List::size).max().orElse(0);
    double largest = Arrays.stream(kappa).max().orElse(0);
    return history.isEmpty()
        && (known < FEWEST_BATCHES || largest * uncertainty(known) > SMALL_KAPPA);
  }

  @Override
  public boolean outweighed() {
    for (int i = 0; i < batches.size(); i++) {
      int known = batches.get(i).size();
      double noise = kappa[i] * uncertainty(known);
      boolean small = noise <= SMALL_KAPPA;
      if (known < FEWEST_BATCHES || !(small || exceeds(shift(batches.get(i)), noise))) {
        return false;
      }
    }
    return true;
  }

  private static boolean exceeds(double shift, double noise) {
    return shift > OUTWEIGHS * Math.sqrt(noise);
  }

  /// The largest divisor at the weight of the last slice.
  public double largest() {
    double largest = 1;
    for (int i = 0; i < batches.size(); i++) {
      largest = Math.max(largest, at(i, rho));
    }
    return largest;
  }
}
