// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// How much more the pods of one version differ from each other than chance explains, for one
/// metric: what a canary pod that is like them may look like without being worse (section 6.4).
///
/// Each batch compares its pods with each other at the same moment, so load that all of them share
/// says nothing. Batches shorter than what makes a pod slow underestimate.
///
/// A pod is a part of the pool that it is compared with, and pulls it towards itself: of `n` of the
/// pool's `N` requests the expected square of its surplus is `1 - n / N` of what it is beside a
/// pool without it. A canary is not in its pool, so that is made up for.
public final class PodNoise {
  /// Estimates up to this are chance.
  private static final double CHANCE = 1.5;

  /// What is added for what the history does not show.
  private static final double CAUTION = 1.25;

  private PodNoise() {}

  /// What one pod did in one batch.
  ///
  /// @param requests at least 1
  /// @param exceeding per quantile of a [ComparedQuantiles], requests beyond the threshold of all
  ///   pods
  public record Pod(long requests, List<Long> exceeding) {
    public Pod {
      exceeding = List.copyOf(exceeding);
    }
  }

  /// One batch, summed up over its pods.
  ///
  /// @param squares per quantile, the sum of squared surplus exceedances over a pool without the
  ///   pod
  /// @param requests of all pods
  public record Batch(List<Double> squares, double requests) {
    public Batch {
      squares = List.copyOf(squares);
    }
  }

  /// Sums a batch up.
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

  /// The divisors that batches of a metric call for, per harm quantile.
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
