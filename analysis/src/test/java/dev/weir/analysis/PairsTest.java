// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.Outcome;
import dev.weir.analysis.metric.ReleaseMetric;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Mirrored requests: the serving version answers, the canary gets a copy, and both count.
class PairsTest {
  private static final AnalysisPlan PLAN = AnalysisPlan.defaults().withDispersion(1);
  private static final int SLICES = 60;

  /// Pairs of which both halves share how hard the request is: its length, and whether it is one
  /// that engines stumble over.
  private static final class Pairs {
    private final Random random;
    private final int perSlice;
    private final double together;
    private double canaryErrors;
    private double canarySlowdown = 1;

    /// @param together share of what varies that both halves have in common
    Pairs(long seed, int perSlice, double together) {
      this.random = new Random(seed);
      this.perSlice = perSlice;
      this.together = together;
    }

    Pairs canaryErrors(double more) {
      canaryErrors = more;
      return this;
    }

    Pairs canarySlowdown(double factor) {
      canarySlowdown = factor;
      return this;
    }

    Cohort cohort(long ordinal) {
      List<Observation> seen = new ArrayList<>();
      for (int i = 0; i < perSlice; i++) {
        double hard = random.nextGaussian();
        boolean trap = random.nextDouble() < .02;
        seen.add(half(Arm.BASELINE, hard, trap, 1, 0));
        seen.add(half(Arm.CANARY, hard, trap, canarySlowdown, canaryErrors));
      }
      return of(ordinal, seen);
    }

    private Observation half(
        Arm arm, double hard, boolean trap, double slowdown, double moreErrors) {
      boolean stumbles = trap && random.nextDouble() < .5;
      if (stumbles || random.nextDouble() < moreErrors) {
        return Observation.ended(arm, Outcome.FAILURE, 5_000);
      }
      double own = random.nextGaussian();
      double shared = Math.sqrt(together) * hard + Math.sqrt(1 - together) * own;
      long ttft = Math.round(1e6 * .35 * slowdown * Math.exp(.6 * shared));
      long itl = Math.round(1e6 * .03 * Math.exp(.2 * random.nextGaussian()));
      return Observation.success(arm, ttft, itl, ttft + 100 * itl);
    }

    static Cohort of(long ordinal, List<Observation> seen) {
      long start = ordinal * SyntheticTraffic.SLICE_MILLIS;
      return new Cohort(
          "gw-1/boot-1/1/" + ordinal,
          ordinal,
          start,
          start + SyntheticTraffic.SLICE_MILLIS,
          .5,
          Cohort.ALL_REPORTED,
          Stratum.MIRRORED,
          seen);
    }
  }

  private static CanaryAnalysis begun() {
    CanaryAnalysis analysis = CanaryAnalysis.start(PLAN, new SyntheticTraffic(9, .5, 1).seed());
    analysis.beginStep(0, .5, 0);
    return analysis;
  }

  /// The first slice after which it is reverted, or -1.
  private static int revertedAfter(Pairs pairs) {
    CanaryAnalysis analysis = begun();
    for (int i = 0; i < SLICES; i++) {
      if (lookResult(analysis, pairs.cohort(i)).verdict() instanceof Verdict.Revert) {
        return i;
      }
    }
    return -1;
  }

  private static LookResult lookResult(CanaryAnalysis analysis, Cohort cohort) {
    return analysis.lookResult(List.of(cohort), cohort.endMillis());
  }

  private static long reverts(double together, int runs) {
    long reverted = 0;
    for (int run = 0; run < runs; run++) {
      reverted += revertedAfter(new Pairs(run, 40, together)) >= 0 ? 1 : 0;
    }
    return reverted;
  }

  @Test
  void a_shadow_like_the_serving_version_is_not_reverted_however_much_its_pairs_have_in_common() {
    // Alpha is 1 %: of 100 runs more than 6 are reverted with a chance below 1e-4.
    for (double together : List.of(0., .5, .95)) {
      assertThat(reverts(together, 100)).as("in common: %s", together).isLessThanOrEqualTo(6);
    }
  }

  @Test
  void a_shadow_that_fails_or_is_slow_is_found() {
    for (int seed = 0; seed < 10; seed++) {
      assertThat(revertedAfter(new Pairs(seed, 40, .5).canaryErrors(.1))).isBetween(0, 12);
      assertThat(revertedAfter(new Pairs(seed, 40, .5).canarySlowdown(2))).isBetween(0, 12);
    }
  }

  @Test
  void a_good_shadow_passes_its_step_and_the_evidence_tells_pairs_and_their_agreement() {
    Pairs pairs = new Pairs(3, 40, .5);
    CanaryAnalysis analysis = begun();
    LookResult lookResult = lookResult(analysis, pairs.cohort(0));
    int slices = 1;
    while (!(lookResult.verdict() instanceof Verdict.Promote) && slices < 400) {
      analysis.noteAgreement(new Agreement(2, 1.5, 1, 1));
      lookResult = lookResult(analysis, pairs.cohort(slices++));
      analysis = CanaryAnalysis.restore(analysis.toJson());
    }
    AnalysisEvidence evidence = lookResult.evidence();
    assertThat(lookResult.verdict()).isInstanceOf(Verdict.Promote.class);
    AnalysisEvidence.Allocation halves =
        Objects.requireNonNull(evidence.generated().get(Stratum.MIRRORED));
    assertThat(halves.canary()).isEqualTo(40L * slices).isEqualTo(halves.baseline());
    assertThat(halves.peakLogE()).isZero();
    assertThat(evidence.allocation().canary()).isZero();
    assertThat(evidence.agreement())
        .isEqualTo(new Agreement(2L * slices - 2, 1.5 * (slices - 1), slices - 1, slices - 1));
    assertThat(evidence.agreement().mean()).hasValue(.75);
    assertThat(evidence.agreement().identicalShare()).hasValue(1);
    assertThat(AnalysisEvidence.fromJson(evidence.toJson())).isEqualTo(evidence);
    AnalysisEvidence.MetricResult error =
        Objects.requireNonNull(evidence.metrics().get(ReleaseMetric.ERROR));
    assertThat(error.generated())
        .as("clients asked all of it")
        .isEqualTo(AnalysisEvidence.Judged.NONE);
  }

  @Test
  void halves_that_are_missing_in_one_arm_raise_the_alarm() {
    CanaryAnalysis analysis = begun();
    LookResult lookResult = null;
    for (int i = 0; i < 20; i++) {
      // Every fourth is a canary's half.
      List<Observation> seen = new ArrayList<>(new Pairs(i, 40, .5).cohort(i).observations());
      for (int half = seen.size() - 1; half > 0; half -= 4) {
        seen.remove(half);
      }
      lookResult = lookResult(analysis, Pairs.of(i, seen));
    }
    AnalysisEvidence evidence = Objects.requireNonNull(lookResult).evidence();
    AnalysisEvidence.Allocation halves =
        Objects.requireNonNull(evidence.generated().get(Stratum.MIRRORED));
    assertThat(halves.split()).isEqualTo(SplitSource.REALISED);
    assertThat(Decisions.decide(evidence, PLAN).toString()).contains("mirrored requests");
  }

  @Test
  void an_agreement_of_nothing_has_no_mean_and_one_that_cannot_be_is_refused() {
    assertThat(Agreement.NONE.mean()).isEmpty();
    assertThat(Agreement.NONE.identicalShare()).isEmpty();
    assertThatIllegalArgumentException().isThrownBy(() -> new Agreement(1, 1.5, 0, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Agreement(2, 1, 1, 2));
    assertThatIllegalArgumentException().isThrownBy(() -> new Agreement(1, Double.NaN, 0, 0));
  }
}
