// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import java.util.List;

/// The canary engine of one rollout (signatures; the engine follows in the next commit).
@SuppressWarnings("DoNotCallSuggester")
public final class CanaryAnalysis {

  private CanaryAnalysis() {}

  public static CanaryAnalysis start(AnalysisPlan plan, BaselineSeed seed, long nowMillis) {
    throw new UnsupportedOperationException(plan + " " + seed + nowMillis);
  }

  /// A new analysis after the state of an old one was lost: alpha is halved for each loss.
  public static CanaryAnalysis afterLostState(
      AnalysisPlan plan, BaselineSeed seed, int losses, long nowMillis) {
    throw new UnsupportedOperationException(plan + " " + seed + losses + nowMillis);
  }

  /// Continues from [#toJson].
  public static CanaryAnalysis restore(String json) {
    throw new UnsupportedOperationException(json);
  }

  /// Enters a step: safe evidence starts afresh, harm evidence and histograms continue.
  public void beginStep(int step, double weight, long nowMillis) {
    throw new UnsupportedOperationException(step + " " + weight + nowMillis);
  }

  /// Consumes what is due and decides. Offer *every* cohort not yet reported as done.
  public Look look(List<Cohort> open, long nowMillis) {
    throw new UnsupportedOperationException(open + " " + nowMillis);
  }

  /// Tells of slices that are known to be missing (a gap in a gateway's sequence).
  public void noteMissingSlices(long count) {
    throw new UnsupportedOperationException("" + count);
  }

  public AnalysisPlan plan() {
    throw new UnsupportedOperationException();
  }

  /// Goes up by one with each change of state: compare-and-set on it.
  public long stateVersion() {
    throw new UnsupportedOperationException();
  }

  public String toJson() {
    throw new UnsupportedOperationException();
  }
}
