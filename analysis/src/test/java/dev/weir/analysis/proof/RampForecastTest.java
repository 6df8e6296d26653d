// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.analysis.proof.RampForecast.Change;
import dev.weir.analysis.proof.RampForecast.Course;
import dev.weir.analysis.proof.RampForecast.Step;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class RampForecastTest {
  private static final List<Double> WEIGHTS = List.of(.01, .02, .05, .1, .2, .5);

  private static RampForecast forecast(double rate, double exposure, Step each) {
    return new RampForecast(
        new RampPlan(WEIGHTS, 30_000, exposure, 6_500),
        rate,
        0,
        Collections.nCopies(WEIGHTS.size(), each),
        120,
        50);
  }

  private static Step step(double proof, double twice, double half) {
    return new Step(List.of(proof), List.of(twice, half));
  }

  private static List<Double> weights(Course course) {
    return course.changes().stream().map(Change::weight).toList();
  }

  @Test
  void without_limits_it_goes_from_the_first_weight_to_the_largest() {
    Course course = forecast(10, 1_000, step(1, 1, 1)).course();
    assertThat(course.changes().getFirst()).isEqualTo(new Change(0, .01));
    assertThat(weights(course)).containsExactly(.01, .5);
    assertThat(course.changes().getLast().atSeconds())
        .as("five answers at 1 %")
        .isBetween(50.0, 51.0);
    assertThat(course.seconds()).as("and the shortest time there").isBetween(170.0, 171.0);
  }

  @Test
  void a_small_exposure_waits_for_good_answers() {
    Course course = forecast(200, 20, step(1, 1, 1)).course();
    assertThat(weights(course)).startsWith(.01, .1).endsWith(.5).isSorted();
    assertThat(course.seconds())
        .isGreaterThan(forecast(200, 1_000, step(1, 1, 1)).course().seconds());
  }

  @Test
  void a_weight_above_a_tenth_waits_for_first_tokens() {
    Course slow = forecast(10, 1_000, step(1, 1 / 600.0, 1 / 900.0)).course();
    assertThat(weights(slow)).containsExactly(.01, .1, .2, .5);
    assertThat(slow.changes().get(2).atSeconds()).isBetween(590.0, 610.0);
    assertThat(slow.changes().get(3).atSeconds()).isBetween(890.0, 910.0);
  }

  @Test
  void the_proof_grows_at_all_weights() {
    assertThat(forecast(10, 1_000, step(1 / 3_600.0, 1, 1)).seconds().orElseThrow())
        .isBetween(3_590.0, 3_620.0);
  }

  @Test
  void a_proof_that_never_ends_has_no_time() {
    assertThat(forecast(10, 1_000, step(1e-9, 1, 1)).seconds()).isEmpty();
    assertThatThrownBy(() -> forecast(0, 20, step(1, 1, 1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
