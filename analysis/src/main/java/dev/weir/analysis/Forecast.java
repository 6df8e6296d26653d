// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import dev.weir.analysis.sequential.LogHistogram;
import dev.weir.analysis.sequential.SampleSize;
import dev.weir.analysis.sequential.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// How much traffic the gates of a plan need, before a rollout begins: roughly, and never to decide
/// by. A canary like its baseline usually needs no more.
///
/// @param plan of the rollout
/// @param baseline what is known of the version it leaves
/// @param requestsPerSecond of the service's clients, both arms together
/// @param generatedPerSecond that gateways ask both arms in halves, 0 for none
public record Forecast(
    AnalysisPlan plan, BaselineSeed baseline, double requestsPerSecond, double generatedPerSecond) {
  private static final List<Double> WEIGHTS = List.of(.05, .10, .25, .50);
  private static final double FEWEST_KNOWN = 50;
  private static final double HALF = .5;

  /// One of clients' requests alone.
  public Forecast(AnalysisPlan plan, BaselineSeed baseline, double requestsPerSecond) {
    this(plan, baseline, requestsPerSecond, 0);
  }

  /// What the slowest gate of a step needs.
  ///
  /// @param what of the metric has to be proven: `rate`, `p50` ...
  /// @param requests of both arms together
  public record Need(Metric metric, String what, double requests) {
    /// At so many requests a second.
    public double seconds(double requestsPerSecond) {
      return requests / requestsPerSecond;
    }
  }

  /// What the gate of a step needs that needs most; empty when nothing gates, or too little is
  /// known to say.
  public Optional<Need> need(int step, double weight) {
    return all(step, weight).stream().max(Comparator.comparingDouble(Need::requests));
  }

  private List<Need> all(int step, double weight) {
    List<Need> needs = new ArrayList<>();
    for (Metric metric : plan.metrics().keySet()) {
      MetricPlan of = plan.metric(metric, step);
      // Who will ask for JSON is not known.
      if (of.gates() && metric != Metric.INVALID_JSON) {
        needs.addAll(needs(metric, of, weight));
      }
    }
    return needs;
  }

  /// A need, and when it is met by all who ask.
  private record Met(Need need, double seconds) {}

  /// The gate that takes longest. Requests of either kind bring as much closer to it as they are of
  /// what would be needed of their kind alone.
  private Optional<Met> slowest(int step, double weight) {
    List<Need> ofClients = all(step, weight);
    List<Need> inHalves = all(step, HALF);
    List<Met> met = new ArrayList<>();
    for (int i = 0; i < ofClients.size(); i++) {
      double perSecond =
          requestsPerSecond / ofClients.get(i).requests()
              + generatedPerSecond / inHalves.get(i).requests();
      met.add(new Met(ofClients.get(i), 1 / perSecond));
    }
    return met.stream().max(Comparator.comparingDouble(Met::seconds));
  }

  private List<Need> needs(Metric metric, MetricPlan of, double weight) {
    return metric.kind() == Metric.Kind.RATE
        ? List.of(new Need(metric, "rate", rate(metric, of, weight)))
        : sizes(metric, of, weight);
  }

  private double rate(Metric metric, MetricPlan of, double weight) {
    double rate =
        Optional.ofNullable(baseline.rates().get(metric))
            .filter(known -> known.requests() >= FEWEST_KNOWN)
            .map(known -> known.bad() / known.requests())
            .orElse(of.prior());
    return SampleSize.requestsNeeded(plan.beta(), rate, rate, of.margin(), weight);
  }

  /// Of each safe quantile: how many of the baseline's requests lie between it and the margin above
  /// it is what can be told apart.
  private List<Need> sizes(Metric metric, MetricPlan of, double weight) {
    LogHistogram known =
        Optional.ofNullable(baseline.latencies().get(metric))
            .map(LogHistogram::of)
            .orElseGet(LogHistogram::new);
    if (known.total() < FEWEST_KNOWN) {
      return List.of();
    }
    Shape shape = SizeSignal.shape(metric);
    List<Need> needs = new ArrayList<>();
    for (double q : shape.safe()) {
      double beyond = known.shareAbove(known.quantileLog(q) + Math.log1p(of.margin()));
      double difference = Math.max(1e-6, 1 - q - beyond);
      double requests =
          SampleSize.requestsNeeded(plan.beta(), beyond, 1 - q, difference, weight)
              * plan.phi(metric).at(shape.harm().indexOf(q), weight);
      needs.add(new Need(metric, "p" + Math.round(100 * q), requests));
    }
    return needs;
  }

  /// A sentence for each step that is not likely to be passed in its time.
  ///
  /// @param weights of the steps, in (0, 1)
  public List<String> warnings(List<Double> weights) {
    List<String> warnings = new ArrayList<>();
    boolean anybody = requestsPerSecond + generatedPerSecond > 0;
    for (int step = 0; step < weights.size() && anybody; step++) {
      int number = step;
      double weight = weights.get(step);
      slowest(step, weight)
          .filter(met -> met.seconds() > maxSeconds())
          .ifPresent(met -> warnings.add(sentence(number, weight, met)));
    }
    return warnings;
  }

  private double maxSeconds() {
    return plan.maxStepDurationMillis() / 1000.0;
  }

  private String sentence(int step, double weight, Met met) {
    String way =
        WEIGHTS.stream()
            .filter(other -> other > weight && fits(step, other))
            .findFirst()
            .map(other -> "use " + percent(other) + " %, mirroring or " + replay())
            .orElse("use mirroring, " + replay() + " or wider margins");
    return "at %s req/s%s the gate of step %d at %s %% needs %s (%s %s), it has %s: %s"
        .formatted(
            number(requestsPerSecond),
            generatedPerSecond > 0 ? " and %s generated".formatted(number(generatedPerSecond)) : "",
            step + 1,
            percent(weight),
            span(met.seconds()),
            met.need().metric(),
            met.need().what(),
            span(maxSeconds()),
            way);
  }

  private boolean fits(int step, double weight) {
    return slowest(step, weight).map(met -> met.seconds() <= maxSeconds()).orElse(true);
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
