// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.MetricPlan;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.analysis.proof.RampForecast;
import dev.weir.analysis.proof.RampPlan;
import dev.weir.analysis.sequential.ComparedQuantiles;
import dev.weir.analysis.sequential.LogHistogram;
import dev.weir.analysis.sequential.SampleSize;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/// A rough estimate, before a rollout starts, of the traffic that the gates of a plan need. It
/// never affects decisions. A canary that equals its baseline usually needs no more.
///
/// @param plan plan of the rollout
/// @param baseline prior data about the version that it replaces
/// @param requestsPerSecond rate of client requests, both arms together
/// @param generatedPerSecond rate of generated requests, split in halves, 0 for none
public record Forecast(
    AnalysisPlan plan, BaselineSeed baseline, double requestsPerSecond, double generatedPerSecond) {
  private static final List<Double> WEIGHTS = List.of(.05, .10, .25, .50);
  private static final List<Double> MIRRORED = List.of(.10, .25, .50, 1.);
  private static final double FEWEST_KNOWN = 50;
  private static final double HALF = .5;

  /// How much more data a release needs because it learns the noise between replicas, without
  /// noise.
  private static final double LEARNING = 1.5;

  /// How much more data than [SampleSize] says the refutation of each of [RampPlan#SLOWDOWNS]
  /// needs, while a minute has no more answers than this. Beyond that, the tests count a minute as
  /// fewer answers than it has. Fitted to `./dev bench canary --ramps`.
  private static final List<Double> MORE_FOR_SLOWDOWNS = List.of(6.0, 3.0);

  private static final double ANSWERS_OF_MINUTE = 30;

  /// A forecast for client requests only.
  public Forecast(AnalysisPlan plan, BaselineSeed baseline, double requestsPerSecond) {
    this(plan, baseline, requestsPerSecond, 0);
  }

  /// The traffic of one step.
  ///
  /// @param number index from 0
  /// @param weight canary share of client requests, in (0, 1); 0 if the canary serves no client
  /// @param mirrored share of client requests copied to the canary, in [0, 1]
  public record Step(int number, double weight, double mirrored) {
    /// A step without mirroring.
    public Step(int number, double weight) {
      this(number, weight, 0);
    }
  }

  /// The requests that the slowest gate of a step needs.
  ///
  /// @param what the statistic to prove: `rate`, `mean`, `p50` ...
  /// @param requests number of requests, both arms together
  public record Need(ReleaseMetric metric, String what, double requests) {
    /// The time that the need takes at a request rate.
    public double seconds(double requestsPerSecond) {
      return requests / requestsPerSecond;
    }
  }

  /// The largest need among the gates of a step; empty without gates or without sufficient data.
  public Optional<Need> need(int step, double weight) {
    return all(step, weight).stream().max(Comparator.comparingDouble(Need::requests));
  }

  private List<Need> all(int step, double weight) {
    List<Need> needs = new ArrayList<>();
    for (ReleaseMetric metric : plan.metrics().keySet()) {
      MetricPlan of = plan.metric(metric, step);
      double share = share(metric);
      if (of.gates() && share > 0) {
        needs.addAll(
            needs(metric, of, weight).stream()
                .map(need -> new Need(metric, need.what(), need.requests() / share))
                .toList());
      }
    }
    return needs;
  }

  /// The share of requests to which a metric applies, as far as known; 0 if it cannot be predicted.
  private double share(ReleaseMetric metric) {
    return switch (metric.coverage()) {
      case ALL, REPORTED -> 1;
      case BASELINE_SHARE -> baselineShare(metric);
      case UNKNOWN_SHARE -> 0;
      case GRADED_SHARE -> plan.gradedShare();
    };
  }

  private double baselineShare(ReleaseMetric metric) {
    return metric.kind().absolute()
        ? requests(metric).map(this::shareOfAll).orElse(1.0)
        : shareOfAll(histogram(metric).total());
  }

  private double shareOfAll(double requests) {
    double all = requests(ReleaseMetric.ERROR).orElse(0.0);
    return all < FEWEST_KNOWN ? 1 : Math.min(1, requests / all);
  }

  private Optional<Double> requests(ReleaseMetric metric) {
    return Optional.ofNullable(baseline.rates().get(metric)).map(BaselineSeed.Rate::requests);
  }

  private LogHistogram histogram(ReleaseMetric metric) {
    return Optional.ofNullable(baseline.latencies().get(metric))
        .map(LogHistogram::of)
        .orElseGet(LogHistogram::new);
  }

  /// A need, and the time to meet it with all traffic.
  private record Met(Need need, double seconds) {}

  /// The gate that takes longest. Each kind of request contributes in proportion to the need for
  /// that kind alone; a mirrored request counts in both arms.
  private Optional<Met> slowest(Step step) {
    boolean drawn = step.weight() > 0;
    List<Need> inHalves = all(step.number(), HALF);
    List<Need> needs = drawn ? all(step.number(), step.weight()) : inHalves;
    double halves = generatedPerSecond + 2 * step.mirrored() * requestsPerSecond;
    List<Met> met = new ArrayList<>();
    for (int i = 0; i < needs.size(); i++) {
      double ofClients = drawn ? requestsPerSecond / needs.get(i).requests() : 0;
      double perSecond = ofClients + halves / inHalves.get(i).requests();
      met.add(new Met(needs.get(i), 1 / perSecond));
    }
    return met.stream().max(Comparator.comparingDouble(Met::seconds));
  }

  private List<Need> needs(ReleaseMetric metric, MetricPlan of, double weight) {
    return switch (metric.kind()) {
      case RATE -> List.of(new Need(metric, "rate", rate(metric, of, weight)));
      // For a given mean, a 0/1 score has the largest variance, so this is an upper bound.
      case SCORE -> List.of(new Need(metric, "mean", rate(metric, of, weight)));
      case LATENCY, LENGTH -> sizes(metric, of, weight);
    };
  }

  private double rate(ReleaseMetric metric, MetricPlan of, double weight) {
    double rate =
        Optional.ofNullable(baseline.rates().get(metric))
            .filter(known -> known.requests() >= FEWEST_KNOWN)
            .map(known -> known.bad() / known.requests())
            .orElse(of.prior());
    return SampleSize.requestsNeeded(plan.beta(), rate, rate, of.margin(), weight);
  }

  private List<Need> sizes(ReleaseMetric metric, MetricPlan of, double weight) {
    ComparedQuantiles shape = SizeSignal.shape(metric);
    List<Need> needs = new ArrayList<>();
    sizes(metric, of.margin(), weight)
        .forEach((q, requests) ->
            needs.add(
                new Need(
                    metric,
                    "p" + Math.round(100 * q),
                    requests
                        * plan.phi(metric).at(shape.harm().indexOf(q), weight)
                        * (plan.learns(metric) ? LEARNING : 1))));
    return needs;
  }

  /// The requests that each safe quantile needs follow from the share of baseline requests between
  /// the quantile and its margin. Streams and other responses have separate quantiles. Empty
  /// without enough data.
  private SequencedMap<Double, Double> sizes(ReleaseMetric metric, double margin, double weight) {
    SequencedMap<Double, Double> byQuantile = new LinkedHashMap<>();
    List<LogHistogram> known =
        Stream.of(histogram(metric), otherKind(metric))
            .filter(histogram -> histogram.total() >= FEWEST_KNOWN)
            .toList();
    if (known.isEmpty()) {
      return byQuantile;
    }
    for (double q : SizeSignal.shape(metric).safe()) {
      double beyond = shareBeyond(known, q, margin);
      double difference = Math.max(1e-6, 1 - q - beyond);
      byQuantile.put(q, SampleSize.requestsNeeded(plan.beta(), beyond, 1 - q, difference, weight));
    }
    return byQuantile;
  }

  private LogHistogram otherKind(ReleaseMetric metric) {
    return metric == ReleaseMetric.TTFT
        ? LogHistogram.of(baseline.firstBytes())
        : new LogHistogram();
  }

  private static double shareBeyond(List<LogHistogram> kinds, double q, double margin) {
    double beyond = 0;
    double all = 0;
    for (LogHistogram kind : kinds) {
      beyond += kind.total() * kind.shareAbove(kind.quantileLog(q) + Math.log1p(margin));
      all += kind.total();
    }
    return beyond / all;
  }

  /// One sentence for each step that is unlikely to pass in its time.
  public List<String> warnings(List<Step> steps) {
    if (requestsPerSecond + generatedPerSecond <= 0) {
      return List.of();
    }
    List<String> warnings = new ArrayList<>();
    for (Step step : steps) {
      slowest(step)
          .filter(met -> met.seconds() > maxSeconds())
          .ifPresent(met -> warnings.add(sentence(step, met)));
    }
    return warnings;
  }

  private double maxSeconds() {
    long millis =
        plan.ramp().isPresent()
            ? plan.maxDurationMillis().orElse(Long.MAX_VALUE)
            : plan.maxStepDurationMillis();
    return millis / 1000.0;
  }

  /// The expected course of a ramp from its first request to its proof, for a canary that equals
  /// its baseline. Empty without a ramp, without requests, or without enough data.
  public Optional<RampForecast> ramp() {
    if (plan.ramp().isEmpty() || requestsPerSecond + generatedPerSecond <= 0) {
      return Optional.empty();
    }
    RampPlan ramp = plan.ramp().get();
    if (all(ramp.weights().size() - 1, HALF).isEmpty()) {
      return Optional.empty();
    }
    List<RampForecast.Step> steps = new ArrayList<>();
    for (int i = 0; i < ramp.weights().size(); i++) {
      steps.add(contribution(i, ramp.weights().get(i)));
    }
    return Optional.of(
        new RampForecast(
            ramp,
            requestsPerSecond,
            generatedPerSecond,
            steps,
            plan.minStepDurationMillis() / 1000.0,
            plan.minimumCanaryCompletions()));
  }

  /// The expected time of a ramp from its first request to its proof, in seconds. Empty if it is
  /// not known, or too long to be expected.
  public Optional<Double> rampSeconds() {
    return ramp().flatMap(ramp -> ramp.seconds().stream().boxed().findFirst());
  }

  private RampForecast.Step contribution(int step, double weight) {
    List<Need> inHalves = all(step, HALF);
    List<Need> needs = all(step, weight);
    List<Double> proofs = new ArrayList<>();
    for (int i = 0; i < needs.size(); i++) {
      proofs.add(
          requestsPerSecond / needs.get(i).requests()
              + generatedPerSecond / inHalves.get(i).requests());
    }
    return new RampForecast.Step(proofs, slowdowns(weight));
  }

  /// The share of the refutation of each slowdown in a second.
  private List<Double> slowdowns(double weight) {
    if (!plan.metrics().containsKey(ReleaseMetric.TTFT)) {
      return List.of();
    }
    double perMinute = 60 * (weight * requestsPerSecond + HALF * generatedPerSecond);
    double minutes = Math.sqrt(Math.max(1, perMinute / ANSWERS_OF_MINUTE));
    List<Double> shares = new ArrayList<>();
    for (int i = 0; i < RampPlan.SLOWDOWNS.size(); i++) {
      double factor = RampPlan.SLOWDOWNS.get(i) - 1;
      double more = MORE_FOR_SLOWDOWNS.get(i) * minutes;
      Map<Double, Double> inHalves = sizes(ReleaseMetric.TTFT, factor, HALF);
      shares.add(
          sizes(ReleaseMetric.TTFT, factor, weight).entrySet().stream()
              .mapToDouble(need ->
                  requestsPerSecond / (need.getValue() * more)
                      + generatedPerSecond
                          / (inHalves.getOrDefault(need.getKey(), Double.MAX_VALUE) * more))
              .min()
              .orElse(Double.POSITIVE_INFINITY));
    }
    return shares;
  }

  private String sentence(Step step, Met met) {
    return "at %s req/s%s the gate of step %d %s needs %s (%s %s), it has %s: %s"
        .formatted(
            number(requestsPerSecond),
            generatedPerSecond > 0 ? " and %s generated".formatted(number(generatedPerSecond)) : "",
            step.number() + 1,
            step.weight() > 0
                ? "at %s %%".formatted(percent(step.weight()))
                : "with %s %% mirrored".formatted(percent(step.mirrored())),
            span(met.seconds()),
            met.need().metric(),
            met.need().what(),
            span(maxSeconds()),
            step.weight() > 0 ? instead(step) : mirroringMore(step));
  }

  private String instead(Step step) {
    return WEIGHTS.stream()
        .filter(other -> other > step.weight() && fits(new Step(step.number(), other)))
        .findFirst()
        .map(other -> "use " + percent(other) + " %, mirroring or " + replay())
        .orElse("use mirroring, " + replay() + " or wider margins");
  }

  private String mirroringMore(Step step) {
    return MIRRORED.stream()
        .filter(other -> other > step.mirrored() && fits(new Step(step.number(), 0, other)))
        .findFirst()
        .map(other -> "mirror " + percent(other) + " % or use " + replay())
        .orElse("use " + replay() + " or wider margins");
  }

  private boolean fits(Step step) {
    return slowest(step).map(met -> met.seconds() <= maxSeconds()).orElse(true);
  }

  private String replay() {
    return generatedPerSecond > 0
        ? "a higher spec.release.traffic.rate"
        : "replay (spec.release.traffic)";
  }

  private static String percent(double share) {
    return number(100 * share);
  }

  private static String number(double value) {
    return value >= 10 || value == Math.rint(value)
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.2g", value);
  }

  private static String span(double seconds) {
    if (seconds < 90) {
      return Math.round(seconds) + " s";
    }
    if (seconds < 90 * 60) {
      return Math.round(seconds / 60) + " min";
    }
    return seconds < 48 * 3600
        ? Math.round(seconds / 3600) + " h"
        : Math.round(seconds / 86_400) + " d";
  }
}
