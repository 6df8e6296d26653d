// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.Outcome;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.sequential.EProcess;
import dev.weir.analysis.sequential.Payoff;
import dev.weir.analysis.sequential.Side;
import dev.weir.analysis.sequential.SliceCounts;
import dev.weir.analysis.sequential.UnitScores;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class SessionsTest {
  private static final int TURNS = 5;
  private static final int SESSIONS_PER_SLICE = 40;
  private static final double WEIGHT = .5;

  /// Errors alone, of which nothing is tolerated: the hardest healthy canary.
  private static final AnalysisPlan ERRORS =
      AnalysisPlan.defaults()
          .withMetrics(
              Map.of(
                  ReleaseMetric.ERROR,
                  AnalysisPlan.defaults()
                      .metric(ReleaseMetric.ERROR)
                      .withTolerance(0)
                      .withWeight(1)));

  @Test
  void sessions_that_fail_as_a_whole_keep_alpha_as_units_and_break_it_as_requests() {
    int runs = 200;
    assertThat(falseReverts(runs, true)).isLessThanOrEqualTo(6); // 2 expected at most, + 3 s.e.
    assertThat(falseReverts(runs, false)).isGreaterThan(30);
  }

  private static long falseReverts(int runs, boolean asUnits) {
    long reverts = 0;
    for (int run = 0; run < runs; run++) {
      reverts += reverts(new Random(run), asUnits) ? 1 : 0;
    }
    return reverts;
  }

  private static boolean reverts(RandomGenerator random, boolean asUnits) {
    CanaryAnalysis analysis = CanaryAnalysis.start(ERRORS, BaselineSeed.none());
    analysis.beginStep(0, WEIGHT, 0);
    for (int slice = 0; slice < 120; slice++) {
      List<Observation> seen = new ArrayList<>();
      for (int i = 0; i < SESSIONS_PER_SLICE; i++) {
        Arm arm = random.nextDouble() < WEIGHT ? Arm.CANARY : Arm.BASELINE;
        boolean fails = random.nextDouble() < .1;
        List<Observation> session = session(arm, fails ? TURNS : 0);
        if (asUnits) {
          seen.add(unit(session));
        } else {
          seen.addAll(session);
        }
      }
      Cohort cohort = cohort(slice, 0, seen);
      if (analysis.lookResult(List.of(cohort), cohort.endMillis()).verdict()
          instanceof Verdict.Revert) {
        return true;
      }
    }
    return false;
  }

  private static List<Observation> session(Arm arm, int failing) {
    List<Observation> session = new ArrayList<>();
    for (int turn = 0; turn < TURNS; turn++) {
      session.add(
          turn < failing
              ? Observation.ended(arm, Outcome.FAILURE, 1_000)
              : Observation.success(arm, 100_000, 10_000, 1_000_000));
    }
    return session;
  }

  private static Observation unit(List<Observation> session) {
    return session.getFirst().withSessionRequests(session.subList(1, session.size()));
  }

  private static Cohort cohort(long ordinal, long joining, List<Observation> seen) {
    long end = (ordinal + 1) * 5_000;
    return new Cohort(
        "s/" + ordinal,
        ordinal,
        end - 5_000,
        end,
        WEIGHT,
        Cohort.ALL_REPORTED,
        end + joining,
        Stratum.CLIENTS,
        seen);
  }

  @Test
  void a_session_is_worth_the_mean_of_its_requests() {
    CanaryAnalysis analysis = CanaryAnalysis.start(ERRORS, BaselineSeed.none());
    analysis.beginStep(0, WEIGHT, 0);
    List<Observation> seen = List.of(unit(session(Arm.CANARY, 2)), unit(session(Arm.BASELINE, 0)));
    AnalysisEvidence.MetricResult error =
        errors(analysis.lookResult(List.of(cohort(0, 0, seen)), 5_000));

    EProcess byHand = new EProcess();
    byHand.beginSlice();
    byHand.bet(
        new Payoff(Side.HARM, WEIGHT, .005, 0),
        new UnitScores(new SliceCounts(0, 0, 0, 1), List.of(.4), List.of()),
        1);
    assertThat(error.harm().logE()).isCloseTo(byHand.logE(), within(1e-12));
    assertThat(error.step()).as("requests").isEqualTo(new AnalysisEvidence.Judged(5, 2, 5, 0));
  }

  private static AnalysisEvidence.MetricResult errors(LookResult lookResult) {
    return java.util.Objects.requireNonNull(
        lookResult.evidence().metrics().get(ReleaseMetric.ERROR));
  }

  @Test
  void nothing_is_judged_while_a_session_may_still_be_joined() {
    CanaryAnalysis analysis = CanaryAnalysis.start(ERRORS, BaselineSeed.none());
    analysis.beginStep(0, WEIGHT, 0);
    Observation first = Observation.success(Arm.CANARY, 1_000, 1_000, 5_000);
    LookResult early = analysis.lookResult(List.of(cohort(0, 30_000, List.of(first))), 34_999);
    assertThat(errors(early).step().canary()).isZero();
    assertThat(errors(early).stale()).as("it is waited for, not missed").isFalse();
    assertThat(early.done()).isEmpty();

    Observation both =
        first.withSessionRequests(List.of(Observation.ended(Arm.CANARY, Outcome.FAILURE, 1)));
    LookResult whole = analysis.lookResult(List.of(cohort(0, 30_000, List.of(both))), 35_000);
    assertThat(errors(whole).step()).isEqualTo(new AnalysisEvidence.Judged(2, 1, 0, 0));
    assertThat(errors(whole).late()).isEqualTo(new AnalysisEvidence.Late(0, 0));
    assertThat(whole.done()).hasSize(1);
  }

  @Test
  void a_session_of_both_arms_is_none() {
    Observation canary = Observation.pending(Arm.CANARY);
    Observation baseline = Observation.pending(Arm.BASELINE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> canary.withSessionRequests(List.of(baseline)))
        .withMessageContaining("one arm");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> canary.withSessionRequests(List.of(canary.withSessionRequests(List.of(canary)))));
  }
}
