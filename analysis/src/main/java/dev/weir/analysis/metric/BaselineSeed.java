// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.metric;

import dev.weir.analysis.sequential.Buckets;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/// Prior data about the baseline, from telemetry slices of the minutes before the rollout. It
/// affects power, never validity: without it, latency tests start only after 50 baseline requests.
///
/// Histograms are in seconds, with the buckets of [dev.weir.analysis.sequential.LogHistogram]. Use
/// only the last few minutes (the simulations use five).
///
/// @param rates requests and bad requests (for a score, the sum of badness), rates and scores only
/// @param latencies histograms of the other metrics
/// @param endToEnd whole-request times of successful requests; sets the horizon of the metrics that
///   wait for the end of a request, which is the total timeout until there are 50
/// @param firstBytes like `latencies` of [ReleaseMetric#TTFT], but for responses that are not
///   streamed, which that histogram excludes
public record BaselineSeed(
    Map<ReleaseMetric, Rate> rates,
    Map<ReleaseMetric, Buckets> latencies,
    Buckets endToEnd,
    Buckets firstBytes) {

  /// @param bad bad requests, or the sum of their badness
  /// @param requests all requests of the metric's denominator
  public record Rate(double bad, double requests) {
    public Rate {
      if (!(bad >= 0 && requests >= bad && Double.isFinite(requests))) {
        throw new IllegalArgumentException(
            "a rate needs 0 <= bad <= requests but has %s of %s".formatted(bad, requests));
      }
    }
  }

  /// A seed from streams only.
  public BaselineSeed(
      Map<ReleaseMetric, Rate> rates, Map<ReleaseMetric, Buckets> latencies, Buckets endToEnd) {
    this(rates, latencies, endToEnd, Buckets.empty());
  }

  public BaselineSeed {
    rates = copy(rates);
    latencies = copy(latencies);
    requireRates(rates, true);
    requireRates(latencies, false);
  }

  /// An empty seed.
  public static BaselineSeed none() {
    return new BaselineSeed(Map.of(), Map.of(), Buckets.empty());
  }

  private static <V> Map<ReleaseMetric, V> copy(Map<ReleaseMetric, V> map) {
    Map<ReleaseMetric, V> copy = new EnumMap<>(ReleaseMetric.class);
    copy.putAll(map);
    return Collections.unmodifiableMap(copy);
  }

  private static void requireRates(Map<ReleaseMetric, ?> map, boolean rates) {
    for (ReleaseMetric metric : map.keySet()) {
      if (metric.kind().absolute() != rates) {
        throw new IllegalArgumentException(metric + (rates ? " has no rate" : " has no histogram"));
      }
    }
  }
}
