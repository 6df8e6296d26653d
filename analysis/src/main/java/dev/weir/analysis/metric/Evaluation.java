// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.metric;

/// How a metric evaluates one request.
sealed interface Evaluation {
  /// The kind of the metric.
  ReleaseMetric.Kind kind();

  /// Whether a request is bad.
  record Rate(Check check) implements Evaluation {
    /// The evaluation of a request as of its horizon.
    @FunctionalInterface
    interface Check {
      MetricEvaluator.Badness evaluate(Observation observation, long horizonMicros);
    }

    @Override
    public ReleaseMetric.Kind kind() {
      return ReleaseMetric.Kind.RATE;
    }
  }

  /// The size of a request, which is compared with quantiles of the baseline.
  ///
  /// @param kind `LATENCY` or `LENGTH`
  record Size(ReleaseMetric.Kind kind, Measure measure) implements Evaluation {
    /// Seconds, tokens, or reciprocal tokens as of the horizon; otherwise
    /// [MetricEvaluator#EXCLUDED] or [MetricEvaluator#CENSORED].
    @FunctionalInterface
    interface Measure {
      double evaluate(Observation observation, long horizonMicros);
    }
  }

  /// The response's grade: [MetricEvaluator#score].
  record Grade() implements Evaluation {
    @Override
    public ReleaseMetric.Kind kind() {
      return ReleaseMetric.Kind.SCORE;
    }
  }

  /// Gateways count the failures: [FastSlice][dev.weir.analysis.FastSlice].
  record FastFailures() implements Evaluation {
    @Override
    public ReleaseMetric.Kind kind() {
      return ReleaseMetric.Kind.RATE;
    }
  }

  static Evaluation rate(Rate.Check check) {
    return new Rate(check);
  }

  /// The rate of responses with a trait among successful requests for text.
  static Evaluation trait(AnswerTrait bad) {
    return new Rate(
        (observation, horizonMicros) -> MetricEvaluator.answer(observation, horizonMicros, bad));
  }

  static Evaluation latency(Size.Measure seconds) {
    return new Size(ReleaseMetric.Kind.LATENCY, seconds);
  }

  static Evaluation length(Size.Measure tokens) {
    return new Size(ReleaseMetric.Kind.LENGTH, tokens);
  }
}
