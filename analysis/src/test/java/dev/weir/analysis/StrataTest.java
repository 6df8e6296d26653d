// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.ReleaseMetric;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Generated requests beside those of clients, each stratum with a share of its own.
class StrataTest {
  private static final AnalysisPlan PLAN = AnalysisPlan.defaults().withDispersion(1);
  private static final double WEIGHT = .05;
  private static final int SLICES = 40;

  /// Clients that come at `WEIGHT`, and probes in halves of which 20 times as many fail.
  private record Mix(SyntheticTraffic clients, SyntheticTraffic probes) {
    static Mix healthy(long seed) {
      return new Mix(
          new SyntheticTraffic(seed, WEIGHT, 60),
          new SyntheticTraffic(seed + 100_000, .5, 40).of(Stratum.PROBES).errors(.1));
    }

    List<Cohort> apart(long slice) {
      return List.of(clients.cohort(2 * slice), probes.cohort(2 * slice + 1));
    }

    /// What must not be done: one slice of both, bet on by the weight.
    List<Cohort> together(long slice) {
      List<Observation> all = new ArrayList<>(clients.cohort(slice).observations());
      all.addAll(probes.cohort(slice).observations());
      return List.of(clients.cohort(slice, all));
    }
  }

  @FunctionalInterface
  private interface Offer {
    List<Cohort> of(Mix mix, long slice);
  }

  private static long reverted(Offer offer, int runs) {
    long reverted = 0;
    for (int run = 0; run < runs; run++) {
      Mix mix = Mix.healthy(run);
      CanaryAnalysis analysis = begun(mix.clients().seed());
      for (int i = 0; i < SLICES; i++) {
        LookResult lookResult =
            analysis.lookResult(offer.of(mix, i), (2L * i + 2) * SyntheticTraffic.SLICE_MILLIS);
        if (lookResult.verdict() instanceof Verdict.Revert) {
          reverted++;
          break;
        }
      }
    }
    return reverted;
  }

  private static CanaryAnalysis begun(BaselineSeed seed) {
    CanaryAnalysis analysis = CanaryAnalysis.start(PLAN, seed);
    analysis.beginStep(1, WEIGHT, 0);
    return analysis;
  }

  @Test
  void a_healthy_canary_is_not_reverted_because_probes_are_not_like_clients() {
    // Alpha is 1 %: with 150 runs more than 6 have a chance below 1e-3.
    assertThat(reverted(Mix::apart, 150)).isLessThanOrEqualTo(6);
  }

  @Test
  void in_one_slice_with_clients_the_same_probes_would_revert_it() {
    assertThat(reverted(Mix::together, 10)).isEqualTo(10);
  }

  @Test
  void probes_find_a_bad_version_that_hardly_any_client_meets() {
    SyntheticTraffic clients = new SyntheticTraffic(1, WEIGHT, 1).canaryErrors(.1);
    SyntheticTraffic probes = new SyntheticTraffic(2, .5, 50).of(Stratum.PROBES).canaryErrors(.1);
    CanaryAnalysis alone = begun(clients.seed());
    CanaryAnalysis helped = begun(clients.seed());
    LookResult last = null;
    for (int i = 0; i < SLICES && !reverts(last); i++) {
      long now = (2L * i + 2) * SyntheticTraffic.SLICE_MILLIS;
      Cohort asked = clients.cohort(2L * i);
      assertThat(reverts(alone.lookResult(List.of(asked), now))).isFalse();
      last = helped.lookResult(List.of(asked, probes.cohort(2L * i + 1)), now);
    }
    assertThat(reverts(last)).isTrue();
  }

  private static boolean reverts(@Nullable LookResult lookResult) {
    return lookResult != null && lookResult.verdict() instanceof Verdict.Revert;
  }

  private static boolean promotes(@Nullable LookResult lookResult) {
    return lookResult != null && lookResult.verdict() instanceof Verdict.Promote;
  }

  @Test
  void probes_pass_a_step_that_clients_alone_would_not_and_are_told_apart_in_the_evidence() {
    SyntheticTraffic clients = new SyntheticTraffic(3, WEIGHT, 1);
    SyntheticTraffic probes = new SyntheticTraffic(4, .5, 50).of(Stratum.PROBES);
    CanaryAnalysis analysis = begun(clients.seed());
    LookResult lookResult = null;
    int slice = 0;
    while (!promotes(lookResult) && slice < 400) {
      lookResult =
          analysis.lookResult(
              List.of(clients.cohort(2L * slice), probes.cohort(2L * slice + 1)),
              (2L * slice + 2) * SyntheticTraffic.SLICE_MILLIS);
      analysis = CanaryAnalysis.restore(analysis.toJson());
      slice++;
    }
    AnalysisEvidence evidence = Objects.requireNonNull(lookResult).evidence();
    assertThat(lookResult.verdict()).isInstanceOf(Verdict.Promote.class);
    AnalysisEvidence.MetricResult error =
        Objects.requireNonNull(evidence.metrics().get(ReleaseMetric.ERROR));
    long offered = 50L * slice;
    assertThat(error.generated().canary() + error.generated().baseline()).isEqualTo(offered);
    assertThat(error.rollout().canary() + error.rollout().baseline()).isEqualTo(offered + slice);
    AnalysisEvidence.Allocation halves =
        Objects.requireNonNull(evidence.generated().get(Stratum.PROBES));
    assertThat(halves.canary() + halves.baseline()).isEqualTo(offered);
    assertThat(halves.peakLogE()).isLessThan(halves.threshold());
    assertThat(evidence.allocation().canary() + evidence.allocation().baseline()).isEqualTo(slice);
  }

  @Test
  void a_generated_slice_begun_before_its_step_does_not_pass_it() {
    SyntheticTraffic probes = new SyntheticTraffic(5, .5, 50).of(Stratum.PROBES);
    CanaryAnalysis analysis = CanaryAnalysis.start(PLAN, probes.seed());
    analysis.beginStep(0, WEIGHT, 0);
    Cohort early = probes.cohort(0);
    analysis.beginStep(1, .25, 2_000);
    LookResult lookResult = analysis.lookResult(List.of(early), early.endMillis());
    AnalysisEvidence.MetricResult error =
        Objects.requireNonNull(lookResult.evidence().metrics().get(ReleaseMetric.ERROR));
    assertThat(error.step().canary()).isZero();
    assertThat(error.generated().canary()).isPositive();
  }
}
