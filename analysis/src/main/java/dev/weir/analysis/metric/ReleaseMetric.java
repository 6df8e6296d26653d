// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.metric;

import static dev.weir.analysis.metric.MetricPlan.Action.REVERT;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.Optional;

/// The catalogue of the metrics that evaluate a canary. Each metric has its own e-processes,
/// horizon and cursor. A constant has all that is specific to a metric; other classes work with any
/// metric of its kind. The default weights sum to 1.
public enum ReleaseMetric {
  /// Share of requests that failed, timed out or hit an overloaded engine: before the first token
  /// for streams, at any time for other responses.
  @JsonProperty("error")
  ERROR(
      "error",
      "the request failed, timed out, was refused for load, or is overdue; for a stream, before its"
          + " first token",
      Evaluation.rate(MetricEvaluator::error),
      Horizon.FIRST_TOKEN_DEADLINE,
      Coverage.ALL,
      new MetricPlan(.10, .005, .01, true, .005, REVERT)),
  /// Share of requests with such a failure within a second of their arrival, to detect an outage
  /// before the deadlines of `error`. Its input is [FastSlice][dev.weir.analysis.FastSlice]s, not
  /// cohorts.
  @JsonProperty("fast_error")
  FAST_ERROR(
      "fast_error",
      "an `error` or a cut stream within a second of arrival; gateways report it every half second",
      new Evaluation.FastFailures(),
      Horizon.FAST,
      Coverage.ALL,
      new MetricPlan(.10, .005, .01, false, .005, REVERT)),
  /// Share of streams, excluding errors, that were cut after their first token.
  @JsonProperty("truncated")
  TRUNCATED(
      "truncated",
      "the stream was cut after its first token",
      Evaluation.rate(MetricEvaluator::truncated),
      Horizon.END_OF_REQUEST,
      Coverage.BASELINE_SHARE,
      new MetricPlan(.10, .005, .01, true, .003, REVERT)),
  /// Share of responses with neither text nor a tool call, among successful requests for text.
  @JsonProperty("empty")
  EMPTY(
      "empty",
      "the answer has neither text nor a tool call",
      Evaluation.rate(MetricEvaluator::empty),
      Horizon.END_OF_REQUEST,
      Coverage.REPORTED,
      new MetricPlan(.05, .005, .01, true, .002, REVERT)),
  /// Share of refusals among successful requests for text.
  @JsonProperty("refusal")
  REFUSAL(
      "refusal",
      "the answer is a refusal",
      Evaluation.trait(AnswerTrait.REFUSAL),
      Horizon.END_OF_REQUEST,
      Coverage.ALL,
      new MetricPlan(.05, .01, .02, true, .02, REVERT)),
  /// Share of complete responses to JSON requests that are not JSON.
  @JsonProperty("invalid_json")
  INVALID_JSON(
      "invalid_json",
      "JSON was requested and the whole answer is not JSON",
      Evaluation.rate(MetricEvaluator::json),
      Horizon.END_OF_REQUEST,
      Coverage.UNKNOWN_SHARE,
      new MetricPlan(.05, .01, .02, true, .01, REVERT)),
  /// Share of responses with a repetition loop among successful requests for text.
  @JsonProperty("repetition")
  REPETITION(
      "repetition",
      "the answer ends in a loop",
      Evaluation.trait(AnswerTrait.REPETITION),
      Horizon.END_OF_REQUEST,
      Coverage.ALL,
      new MetricPlan(.05, .005, .01, false, .002, REVERT)),
  /// Time from arrival to the first token, or to the first byte for responses that are not
  /// streamed. Each kind is compared only with its own kind.
  @JsonProperty("ttft")
  TTFT(
      "ttft",
      "a slower first token; of an answer that is not streamed, a slower first byte",
      Evaluation.latency(MetricEvaluator::ttft),
      Horizon.LARGEST_THRESHOLD,
      Coverage.ALL,
      new MetricPlan(.20, .10, .25, true, 0, REVERT)),
  /// Mean time between the tokens of a stream.
  @JsonProperty("itl")
  ITL(
      "itl",
      "more time between tokens",
      Evaluation.latency(MetricEvaluator::itl),
      Horizon.END_OF_REQUEST,
      Coverage.BASELINE_SHARE,
      new MetricPlan(.10, .10, .25, true, 0, REVERT)),
  /// Duration of a request divided by its output tokens.
  @JsonProperty("e2e_per_token")
  E2E_PER_TOKEN(
      "e2e_per_token",
      "more time for a whole answer of the same number of tokens",
      Evaluation.latency(MetricEvaluator::perToken),
      Horizon.END_OF_REQUEST,
      Coverage.ALL,
      new MetricPlan(.05, .10, .25, false, 0, REVERT)),
  /// Output tokens, if more is worse.
  @JsonProperty("length_up")
  LENGTH_UP(
      "length_up",
      "a longer answer",
      Evaluation.length(MetricEvaluator::longer),
      Horizon.END_OF_REQUEST,
      Coverage.ALL,
      new MetricPlan(.025, .15, .30, false, 0, REVERT)),
  /// Output tokens, if fewer is worse.
  @JsonProperty("length_down")
  LENGTH_DOWN(
      "length_down",
      "a shorter answer",
      Evaluation.length(MetricEvaluator::shorter),
      Horizon.END_OF_REQUEST,
      Coverage.ALL,
      new MetricPlan(.025, .15, .30, false, 0, REVERT)),
  /// Mean difference of complete responses' grades to the best grade. Only a sample is graded, and
  /// only if the plan requests it:
  /// [AnalysisPlan#withGrading][dev.weir.analysis.AnalysisPlan#withGrading].
  @JsonProperty("quality")
  QUALITY(
      "quality",
      "a lower grade, 0 to 1; only with a judge",
      new Evaluation.Grade(),
      Horizon.GRADE,
      Coverage.GRADED_SHARE,
      new MetricPlan(.10, .02, .05, true, .15, REVERT));

  /// How a metric is reduced to a badness in [0, 1].
  public enum Kind {
    /// Badness is 0 or 1; tolerance and margin are absolute differences of rates. Values are
    /// fractions of one.
    RATE("rate"),
    /// Badness is whether a value exceeds a baseline quantile; tolerance and margin are relative
    /// (0.10 = 10 %). Values are seconds.
    LATENCY("latency"),
    /// Like a latency, for output tokens.
    LENGTH("length"),
    /// Badness is `1 - grade / 1000`; tolerance and margin are absolute differences of means.
    /// Values are mean grades from 0 (worst) to 1.
    SCORE("score");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /// The name in JSON.
    public String text() {
      return text;
    }

    /// Whether tolerance and margin are differences of means rather than factors.
    public boolean absolute() {
      return this == RATE || this == SCORE;
    }
  }

  /// The event after which a request's evaluation is final. [Horizons][dev.weir.analysis.Horizons]
  /// has the times.
  public enum Horizon {
    /// A fixed short time after arrival.
    FAST,
    /// The deadline of the first token, or of the whole response if it is not streamed.
    FIRST_TOKEN_DEADLINE,
    /// The largest threshold of the metric's own tests.
    LARGEST_THRESHOLD,
    /// The end of the request.
    END_OF_REQUEST,
    /// The response's grade after the end of the request.
    GRADE
  }

  /// The share of requests that a metric has data about.
  public enum Coverage {
    /// All requests, or so many that a forecast ignores the others.
    ALL(false),
    /// All requests from gateways that report the fact. A gateway of an older version does not.
    REPORTED(true),
    /// The share that the metric had of the baseline's requests.
    BASELINE_SHARE(true),
    /// A share that the baseline's data does not predict, so forecasts omit the metric.
    UNKNOWN_SHARE(true),
    /// The share that the plan grades.
    GRADED_SHARE(false);

    private final boolean mayBeNone;

    Coverage(boolean mayBeNone) {
      this.mayBeNone = mayBeNone;
    }
  }

  private final String manifestName;
  private final String description;

  @SuppressWarnings("ImmutableEnumChecker") // functions without state
  private final Evaluation evaluation;

  private final Horizon horizon;
  private final Coverage coverage;

  @SuppressWarnings("ImmutableEnumChecker") // a record of numbers and enums
  private final MetricPlan defaults;

  ReleaseMetric(
      String manifestName,
      String description,
      Evaluation evaluation,
      Horizon horizon,
      Coverage coverage,
      MetricPlan defaults) {
    this.manifestName = manifestName;
    this.description = description;
    this.evaluation = evaluation;
    this.horizon = horizon;
    this.coverage = coverage;
    this.defaults = defaults;
  }

  /// The name in manifests, JSON and output.
  public String manifestName() {
    return manifestName;
  }

  /// What counts as bad, for users: a phrase without a full stop.
  public String description() {
    return description;
  }

  public Kind kind() {
    return evaluation.kind();
  }

  /// The plan of the metric unless a release overrides it.
  public MetricPlan defaults() {
    return defaults;
  }

  /// How one request is evaluated.
  Evaluation evaluation() {
    return evaluation;
  }

  public Horizon horizon() {
    return horizon;
  }

  public Coverage coverage() {
    return coverage;
  }

  /// Whether only the end of a request settles it.
  public boolean waitsForEnd() {
    return horizon == Horizon.END_OF_REQUEST || horizon == Horizon.GRADE;
  }

  /// Whether it also waits for the response's grade after the end of the request.
  public boolean waitsForGrade() {
    return horizon == Horizon.GRADE;
  }

  /// Whether it may not apply to any request: without JSON requests, streams, or gateways that
  /// report empty responses. It stops gating after it has examined a number of requests and applies
  /// to none, until it applies to one.
  public boolean mayNotApply() {
    return coverage.mayBeNone;
  }

  /// The metric with that manifest name, if there is one.
  public static Optional<ReleaseMetric> named(String manifestName) {
    return Arrays.stream(values()).filter(m -> m.manifestName.equals(manifestName)).findFirst();
  }

  @Override
  public String toString() {
    return manifestName;
  }
}
