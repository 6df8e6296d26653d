// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// How much the pods of one version differ beyond chance, for one metric. It determines how much a
/// healthy canary pod may deviate (section 6.4).
///
/// Each batch compares its pods at the same time, so shared load has no effect. Batches shorter
/// than a pod's slow periods underestimate the noise.
///
/// A pod is part of the pool that it is compared with, which reduces its deviation: with `n` of the
/// pool's `N` requests, the expected square of its surplus is `1 - n / N` of its value against a
/// pool without it. A canary is not part of the pool, so this factor is corrected.
public final class PodNoise {
  /// Estimates up to this value count as chance.
  private static final double CHANCE = 1.5;

  /// Safety factor for noise that the history does not contain.
  private static final double CAUTION = 1.25;

  private PodNoise() {}

  /// The data of one pod in one batch.
  ///
  /// @param requests at least 1
  /// @param exceeding per quantile of a [ComparedQuantiles], requests beyond the common threshold
  ///   of all pods
  public record Pod(long requests, List<Long> exceeding) {
    public Pod {
      exceeding = List.copyOf(exceeding);
    }
  }

  /// One batch, summed over its pods.
  ///
  /// @param squares per quantile, the sum of squared surplus exceedances against a pool without the
  ///   pod
  /// @param requests requests of all pods
  public record Batch(List<Double> squares, double requests) {
    public Batch {
      squares = List.copyOf(squares);
    }
  }

  /// Summarises a batch.
  ///
  /// @param pods two or more
  public static Batch batch(List<Pod> pods) {
    double requests = pods.stream().mapToLong(Pod::requests).sum();
    List<Double> squares = new ArrayList<>();
    for (int q = 0; q < pods.getFirst().exceeding().size(); q++) {
      int quantile = q;
      double pooled =
          pods.stream().mapToLong(pod -> pod.exceeding().get(quantile)).sum() / requests;
      squares.add(
          pods.stream()
              .mapToDouble(pod -> {
                double surplus = pod.exceeding().get(quantile) - pod.requests() * pooled;
                return surplus * surplus / (1 - pod.requests() / requests);
              })
              .sum());
    }
    return new Batch(squares, requests);
  }

  /// The divisors per harm quantile that a metric's batches require.
  public static List<Double> phi(ComparedQuantiles shape, List<Batch> batches) {
    double requests = batches.stream().mapToDouble(Batch::requests).sum();
    List<Double> phi = new ArrayList<>(Collections.nCopies(shape.harm().size(), 1.0));
    for (int i = 0; i < phi.size() && requests > 0; i++) {
      int quantile = i;
      double q = shape.harm().get(i);
      double squares = batches.stream().mapToDouble(batch -> batch.squares().get(quantile)).sum();
      double estimate = squares / (q * (1 - q)) / requests;
      phi.set(i, estimate <= CHANCE ? 1 : CAUTION * estimate);
    }
    return phi;
  }
}
