// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.summary;

import dev.weir.analysis.Forecast;
import java.time.Duration;

/// Describes the traffic that a forecast uses, and the time that follows from it.
public final class TrafficForecast {
  private TrafficForecast() {}

  /// One sentence without a full stop.
  public static String describe(Forecast forecast) {
    if (forecast.requestsPerSecond() + forecast.generatedPerSecond() <= 0) {
      return "no requests in the last minutes: a release is decided only when requests arrive";
    }
    return source(forecast)
        + forecast
            .rampSeconds()
            .map(seconds ->
                ": a version that is as good as the present one is proven in "
                    + Words.about(Duration.ofMillis(Math.round(1000 * seconds))))
            .orElse("");
  }

  /// The requests that a forecast uses, without a full stop.
  static String source(Forecast forecast) {
    String clients =
        "from the last minutes: %s requests/s"
            .formatted(Words.number(forecast.requestsPerSecond()));
    return forecast.generatedPerSecond() > 0
        ? "%s, and %s generated requests/s"
            .formatted(clients, Words.number(forecast.generatedPerSecond()))
        : clients;
  }
}
