// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.canary;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.Forecast;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The forecast of a ramp against simulated ramps of the real engine.
class RampForecastAccuracyTest {
  private static final double SECONDS_PER_MINUTE = 60;

  @ParameterizedTest
  @ValueSource(doubles = {10, 40, 200})
  void the_forecast_is_near_the_median_of_simulated_releases(double requestsPerSecond) {
    AnalysisPlan plan = RampRollout.plan(requestsPerSecond);
    List<Double> forecasts =
        LongStream.range(0, 7)
            .mapToObj(seed ->
                new SimulatedRollout(CanaryScenario.HEALTHY, requestsPerSecond, .5, plan, seed)
                    .warmUp())
            .map(seed -> new Forecast(plan, seed, requestsPerSecond).rampSeconds().orElseThrow())
            .sorted()
            .toList();
    RampRow.Case healthy = new RampRow.Case(CanaryScenario.HEALTHY, requestsPerSecond, 0, 15);
    RampRow simulated =
        new RampRow(healthy, LongStream.range(0, 15).mapToObj(healthy::play).toList());
    double forecast = forecasts.get(forecasts.size() / 2) / SECONDS_PER_MINUTE;
    assertThat(forecast / simulated.medianMinutes().orElseThrow()).isBetween(.65, 1.5);
  }
}
