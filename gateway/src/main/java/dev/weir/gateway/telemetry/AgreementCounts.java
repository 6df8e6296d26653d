// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.answer.AnswerSketch;
import dev.weir.snapshot.Telemetry.Agreement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Agreement between the two answers to mirrored requests since the last report, by rollout and
/// step. It has one sum per step with copies in flight. Written by event loops.
final class AgreementCounts {
  private static final double MILLION = 1_000_000;

  private final Map<Step, Agreement> sums = new TreeMap<>();

  private record Step(String rollout, int number) implements Comparable<Step> {
    @Override
    public int compareTo(Step other) {
      int byRollout = rollout.compareTo(other.rollout);
      return byRollout != 0 ? byRollout : Integer.compare(number, other.number);
    }
  }

  /// Adds two complete answers to one request.
  void add(String rollout, int step, AnswerSketch one, AnswerSketch other) {
    boolean identical = one.greedy() && one.sameAs(other);
    Agreement pair =
        new Agreement(
            rollout,
            step,
            1,
            Math.round(one.similarity(other) * MILLION),
            one.greedy() ? 1 : 0,
            identical ? 1 : 0);
    synchronized (this) {
      sums.merge(new Step(rollout, step), pair, AgreementCounts::plus);
    }
  }

  private static Agreement plus(Agreement a, Agreement b) {
    return new Agreement(
        a.rollout(),
        a.step(),
        a.pairs() + b.pairs(),
        a.similarityMillionths() + b.similarityMillionths(),
        a.greedy() + b.greedy(),
        a.identical() + b.identical());
  }

  /// Returns and resets the sums.
  synchronized List<Agreement> take() {
    List<Agreement> taken = List.copyOf(sums.values());
    sums.clear();
    return taken;
  }
}
