// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LearnedDispersionTest {
  private static final long SLICE_MILLIS = 5_000;
  private static final double RHO = .5;

  /// Slices of 100 requests per arm whose canary has a shift and a noise of its share of slow
  /// answers; the noise changes once a minute.
  private static LearnedDispersion after(
      LearnedDispersion dispersion, int minutes, double shift, double noise, long seed) {
    Random random = new Random(seed);
    long end = SLICE_MILLIS;
    for (int minute = 0; minute < minutes; minute++) {
      double share = Math.clamp(.25 + shift + noise * random.nextGaussian(), .01, .99);
      for (int slice = 0; slice < 12; slice++) {
        dispersion.observe(
            end, RHO, List.of(new SliceCounts(slow(random, share), 100, slow(random, .25), 100)));
        end += SLICE_MILLIS;
      }
    }
    return dispersion;
  }

  private static long slow(Random random, double share) {
    return random.doubles(100).filter(u -> u < share).count();
  }

  private static LearnedDispersion fresh() {
    return LearnedDispersion.start(1, Optional.empty());
  }

  @Test
  void without_data_the_divisor_has_a_prior_and_the_noise_is_uncertain() {
    assertThat(fresh().at(0, RHO)).isBetween(30.0, 50.0);
    assertThat(fresh().at(0, .01)).isLessThan(2);
    assertThat(fresh().uncertain()).isTrue();
  }

  @Test
  void without_noise_the_divisor_falls_to_one() {
    LearnedDispersion quiet = after(fresh(), 12, 0, 0, 1);
    assertThat(quiet.at(0, RHO)).isLessThan(2);
    assertThat(quiet.uncertain()).isFalse();
  }

  @Test
  void a_constant_shift_is_no_noise() {
    assertThat(after(fresh(), 12, .2, 0, 2).at(0, RHO)).isLessThan(2);
  }

  @Test
  void noise_raises_the_divisor_and_stays_uncertain() {
    LearnedDispersion noisy = after(fresh(), 12, 0, .1, 3);
    assertThat(noisy.at(0, RHO)).isGreaterThan(10);
    assertThat(noisy.ofHarm(0, RHO)).isGreaterThan(noisy.at(0, RHO));
    assertThat(noisy.uncertain()).isTrue();
  }

  @Test
  void a_shift_outweighs_noise_that_is_much_smaller_and_no_other() {
    LearnedDispersion shifted = after(fresh(), 12, .4, .06, 8);
    assertThat(shifted.uncertain()).isTrue();
    assertThat(shifted.outweighed()).isTrue();
    assertThat(after(fresh(), 12, .1, .1, 9).outweighed()).isFalse();
    assertThat(after(fresh(), 12, -.2, .06, 10).outweighed()).as("faster").isFalse();
    assertThat(after(fresh(), 7, .4, 0, 11).outweighed()).as("too few batches").isFalse();
  }

  @Test
  void a_minute_counts_for_at_most_thirty_answers_of_a_large_difference() {
    LearnedDispersion quiet = after(fresh(), 12, 0, 0, 1);
    assertThat(quiet.ofLargeHarm(.5)).isEqualTo(40); // 2,400 requests, half of them the canary's
    assertThat(quiet.ofLargeHarm(.01)).isEqualTo(1);
  }

  @Test
  void the_divisor_grows_with_the_weight() {
    LearnedDispersion noisy = after(fresh(), 12, 0, .1, 4);
    assertThat(noisy.at(0, .5)).isGreaterThan(noisy.at(0, .1)).isEqualTo(noisy.largest());
  }

  @Test
  void an_open_batch_changes_nothing() {
    LearnedDispersion dispersion = after(fresh(), 3, 0, .1, 5);
    double before = dispersion.at(0, RHO);
    dispersion.observe(36 * SLICE_MILLIS, RHO, List.of(new SliceCounts(100, 100, 0, 100)));
    assertThat(dispersion.at(0, RHO)).isEqualTo(before);
  }

  @Test
  void history_is_the_prior() {
    LearnedDispersion known = LearnedDispersion.start(1, Optional.of(DispersionDivisor.fixed(3)));
    assertThat(known.at(0, RHO)).isEqualTo(3);
    assertThat(known.uncertain()).isFalse();
    assertThat(after(known, 12, 0, 0, 6).at(0, RHO)).isBetween(1.0, 3.0);
  }

  @Test
  void a_restored_state_continues_with_the_same_divisors() {
    LearnedDispersion whole = after(fresh(), 5, 0, .1, 7);
    LearnedDispersion restored = new LearnedDispersion(whole.state(), Optional.empty());
    assertThat(restored.at(0, RHO)).isEqualTo(whole.at(0, RHO));
    assertThat(restored.state()).isEqualTo(whole.state());
  }

  @Test
  void a_state_of_other_quantiles_is_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new LearnedDispersion.State(List.of(), List.of(SliceCounts.NONE), 0, 0, 0));
  }
}
