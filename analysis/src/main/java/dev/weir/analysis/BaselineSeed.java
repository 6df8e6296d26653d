// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.sequential.Buckets;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/// What is known of the baseline before the first canary request, from the telemetry slices of the
/// minutes before the rollout. It affects only power, never validity: without it latency tests sit
/// out until 50 baseline requests have been seen.
///
/// Histograms are of seconds, in the buckets of [dev.weir.analysis.sequential.LogHistogram]. Give
/// the last few minutes only (five were simulated).
///
/// @param rates requests and bad ones (of a score, the sum of their badness), rates and scores only
/// @param latencies histograms, the other metrics
/// @param endToEnd whole-request times of successful requests; sets the horizon of the metrics that
///   wait for the end of a request, which is the total timeout until there are 50
/// @param firstBytes as `latencies` of [ReleaseMetric#TTFT], of answers in one piece, which are not
///   in it
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

  /// One of streams alone.
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

  /// Nothing known.
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
