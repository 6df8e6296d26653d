// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.weir.analysis.sequential.BernoulliDetector.Allocation;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EvidencePropertiesTest {

  @Test
  void evidence_starts_at_one_and_deposits_do_not_change_it() {
    EProcess process = new EProcess();
    assertThat(process.logE()).isCloseTo(0, within(1e-12));
    process.deposit(.25);
    assertThat(process.logE()).isCloseTo(0, within(1e-12));
  }

  @Test
  void the_expected_growth_of_a_bet_under_the_null_is_not_above_one() {
    Payoff payoff = new Payoff(Side.HARM, .05, .01, .005);
    double baselineRate = .02;
    double canaryRate = baselineRate + .005;
    double mean =
        .05 * (canaryRate * payoff.canary(1) + (1 - canaryRate) * payoff.canary(0))
            + .95 * (baselineRate * payoff.baseline(1) + (1 - baselineRate) * payoff.baseline(0));
    assertThat(mean).isCloseTo(0, within(1e-12));
    assertThat(payoff.canary(0)).isGreaterThanOrEqualTo(-payoff.bound());
    assertThat(payoff.baseline(1)).isGreaterThanOrEqualTo(-payoff.bound());
  }

  @Test
  void the_order_of_requests_inside_a_slice_does_not_matter() {
    double[] forward = {.1, .5, .9, .3};
    double[] backward = {.3, .9, .5, .1};
    double[] baseline = {.2, .4};
    double a = new ScoreDetector(Side.HARM, .15, .02).slice(forward, baseline, .25);
    double b = new ScoreDetector(Side.HARM, .15, .02).slice(backward, baseline, .25);
    assertThat(a).isCloseTo(b, within(1e-12));
  }

  @Test
  void two_thousand_healthy_canaries_at_zero_tolerance_are_rejected_within_alpha() {
    double alpha = .01;
    int runs = 2_000;
    int rejected = 0;
    for (int run = 0; run < runs; run++) {
      rejected += everRejects(new SplittableRandom(7_000 + run), alpha) ? 1 : 0;
    }
    double threeStandardErrors = 3 * Math.sqrt(alpha * (1 - alpha) / runs);
    assertThat(rejected / (double) runs).isLessThanOrEqualTo(alpha + threeStandardErrors);
  }

  @Test
  void the_same_test_does_reject_a_bad_canary() {
    BernoulliDetector detector = new BernoulliDetector(Side.HARM, .02, 0, Allocation.KNOWN, 1);
    double logE = 0;
    for (int slice = 0; slice < 60; slice++) {
      logE = detector.slice(new SliceCounts(2, 10, 1, 90), .1);
    }
    assertThat(logE).isGreaterThan(Math.log(100));
  }

  private static boolean everRejects(SplittableRandom random, double alpha) {
    BernoulliDetector detector = new BernoulliDetector(Side.HARM, .02, 0, Allocation.KNOWN, 1);
    for (int slice = 0; slice < 120; slice++) {
      int canary = 0;
      int canaryBad = 0;
      int baselineBad = 0;
      for (int i = 0; i < 40; i++) {
        boolean toCanary = random.nextDouble() < .25;
        boolean bad = random.nextDouble() < .02;
        canary += toCanary ? 1 : 0;
        canaryBad += toCanary && bad ? 1 : 0;
        baselineBad += !toCanary && bad ? 1 : 0;
      }
      if (detector.slice(new SliceCounts(canaryBad, canary, baselineBad, 40L - canary), .25)
          >= -Math.log(alpha)) {
        return true;
      }
    }
    return false;
  }

  @Test
  void a_refused_update_leaves_the_state_untouched() {
    EProcess process = new EProcess();
    process.beginSlice();
    Payoff payoff = new Payoff(Side.HARM, .25, .15, .02);
    process.bet(payoff, new double[] {.3}, new double[] {.1});
    EProcess.State before = process.state();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> process.bet(payoff, new double[] {.2, 1.5}, new double[0]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> process.bet(payoff, new double[] {.2, Double.NaN}, new double[0]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> process.bet(payoff, new SliceCounts(0, 1, 0, 1), .5));
    assertThat(process.state()).isEqualTo(before);
  }

  @Test
  void a_refused_slice_of_scores_is_not_even_begun() {
    ScoreDetector disturbed = new ScoreDetector(Side.HARM, .15, .02);
    ScoreDetector calm = new ScoreDetector(Side.HARM, .15, .02);
    double[] fine = {.3, .6};
    for (int slice = 0; slice < 14; slice++) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> disturbed.slice(fine, new double[] {-1}, .25));
      assertThat(disturbed.slice(fine, fine, .25)).isEqualTo(calm.slice(fine, fine, .25));
    }
  }

  @Test
  void a_canary_probability_outside_zero_to_one_is_refused_before_anything_moves() {
    for (double rho : new double[] {0, 1, -.1, 1.5, Double.NaN}) {
      BernoulliDetector detector = new BernoulliDetector(Side.HARM, .01, .005, Allocation.KNOWN, 1);
      EProcess.State before = detector.state();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> detector.slice(new SliceCounts(1, 2, 0, 3), rho));
      assertThat(detector.state()).isEqualTo(before);

      LatencyDetector latency =
          new LatencyDetector(
              ComparedQuantiles.LATENCY, .1, .25, DispersionDivisor.fixed(1), Buckets.empty());
      LatencyDetector.State still = latency.state();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> latency.slice(LatencySample.of(1), LatencySample.of(1), rho, true, 0));
      assertThat(latency.state()).isEqualTo(still);
    }
  }

  @Test
  void a_latency_that_is_no_number_of_seconds_is_refused() {
    LatencySample sample = LatencySample.of(.5);
    for (double bad : new double[] {-1e-9, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException().isThrownBy(() -> sample.add(bad));
    }
    assertThat(sample.count()).isEqualTo(1);
  }

  @Test
  void impossible_counts_are_refused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new SliceCounts(2, 1, 0, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new SliceCounts(0, 0, -1, 0));
  }

  @Test
  void phi_divides_the_growth_of_every_bettor() {
    EProcess plain = new EProcess();
    EProcess blunted = new EProcess();
    Payoff payoff = new Payoff(Side.HARM, .05, .01, .005);
    plain.bet(payoff, new SliceCounts(2, 5, 0, 95), 1);
    blunted.bet(payoff, new SliceCounts(2, 5, 0, 95), 15);
    double start = new EProcess().state().logWealth().getFirst();
    for (int k = 0; k < EProcess.BETTORS; k++) {
      double growth = plain.state().logWealth().get(k) - start;
      assertThat(blunted.state().logWealth().get(k) - start).isCloseTo(growth / 15, within(1e-12));
    }
  }

  @Test
  void an_unanswered_request_counts_as_slower_than_any_threshold() {
    LatencySample sample = LatencySample.of(.1, .2);
    sample.addCensored();
    assertThat(sample.count()).isEqualTo(3);
    assertThat(sample.exceeding(LogHistogram.LOWEST_LOG + 20, 0)).isEqualTo(1);
    LogHistogram histogram = new LogHistogram();
    sample.addTo(histogram, LatencySample.Kind.PLAIN, Math.log(5));
    assertThat(histogram.total()).isEqualTo(3);
    assertThat(histogram.quantileLog(.99)).isCloseTo(Math.log(5), within(.021));
  }

  @Test
  void a_latency_test_only_learns_until_fifty_baseline_requests_are_known() {
    LatencyDetector detector =
        new LatencyDetector(
            ComparedQuantiles.LATENCY, .1, .25, DispersionDivisor.fixed(1), Buckets.empty());
    LatencySample fast = new LatencySample();
    for (int i = 0; i < 60; i++) {
      fast.add(.1);
    }
    LatencySample slow = LatencySample.of(9, 9, 9);
    assertThat(detector.slice(slow, fast, .05, true, 0)).isEmpty();
    assertThat(detector.harmLogE()).isCloseTo(0, within(1e-12));
    assertThat(detector.slice(slow, fast, .05, true, 0)).hasSize(5);
    assertThat(detector.harmLogE()).isGreaterThan(1);
  }

  @Test
  void a_histogram_goes_through_its_buckets_and_merges() {
    LogHistogram one = new LogHistogram();
    LogHistogram two = new LogHistogram();
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 500; i++) {
      (i % 2 == 0 ? one : two).add(random.nextDouble() * 24 - 12);
    }
    one.decay(.97);
    LogHistogram both = LogHistogram.of(one.buckets());
    assertThat(both.buckets()).isEqualTo(one.buckets());
    both.merge(two.buckets());
    assertThat(both.total()).isCloseTo(one.total() + two.total(), within(1e-9));
    assertThat(both.quantileLog(.5)).isCloseTo(0, within(1.5));
    assertThat(LogHistogram.bucketOf(-99)).isZero();
    assertThat(LogHistogram.bucketOf(99)).isEqualTo(999);
  }

  @Test
  void malformed_buckets_are_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Buckets(List.of(3, 3), List.of(1., 1.), 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Buckets(List.of(1000), List.of(1.), 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Buckets(List.of(1), List.of(Double.NaN), 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new Buckets(List.of(1), List.of(), 1));
  }

  @Test
  void the_gamma_function_is_right_where_it_is_known() {
    assertThat(SampleRatioMismatch.logGamma(1)).isCloseTo(0, within(1e-12));
    assertThat(SampleRatioMismatch.logGamma(.5))
        .isCloseTo(Math.log(Math.sqrt(Math.PI)), within(1e-12));
    assertThat(SampleRatioMismatch.logGamma(11)).isCloseTo(Math.log(3_628_800), within(1e-11));
  }

  @Test
  void a_router_off_its_weight_is_found() {
    assertThat(SampleRatioMismatch.logE(500, 9_500, .05)).isLessThan(0);
    assertThat(SampleRatioMismatch.logE(800, 9_200, .05))
        .isGreaterThan(SampleRatioMismatch.THRESHOLD);
  }

  @Test
  void the_need_of_traffic_grows_with_the_inverse_square_of_the_margin() {
    double wide = SampleSize.requestsNeeded(.05, .005, .01, .05);
    assertThat(SampleSize.requestsNeeded(.05, .005, .005, .05) / wide).isCloseTo(4, within(1e-9));
    assertThat(wide).isBetween(5_000., 20_000.);
  }
}
