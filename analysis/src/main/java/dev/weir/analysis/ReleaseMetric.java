// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.Optional;

/// The metrics that evaluate a canary. Each has its own e-processes, horizon and cursor.
public enum ReleaseMetric {
  /// Share of requests that failed, timed out or hit an overloaded engine: before the first token
  /// for streams, at any time for other responses.
  @JsonProperty("error")
  ERROR("error", Kind.RATE, false),
  /// Share of requests with such a failure within a second of their arrival, to detect an outage
  /// before the deadlines of `error`. Its input is [FastSlice]s, not cohorts.
  @JsonProperty("fast_error")
  FAST_ERROR("fast_error", Kind.RATE, false),
  /// Share of streams, excluding errors, that were cut after their first token.
  @JsonProperty("truncated")
  TRUNCATED("truncated", Kind.RATE, true),
  /// Share of responses with neither text nor a tool call, among successful requests for text.
  @JsonProperty("empty")
  EMPTY("empty", Kind.RATE, true),
  /// Share of refusals among successful requests for text.
  @JsonProperty("refusal")
  REFUSAL("refusal", Kind.RATE, true),
  /// Share of complete responses to JSON requests that are not JSON.
  @JsonProperty("invalid_json")
  INVALID_JSON("invalid_json", Kind.RATE, true),
  /// Share of responses with a repetition loop among successful requests for text.
  @JsonProperty("repetition")
  REPETITION("repetition", Kind.RATE, true),
  /// Time from arrival to the first token, or to the first byte for responses that are not
  /// streamed. Each kind is compared only with its own kind.
  @JsonProperty("ttft")
  TTFT("ttft", Kind.LATENCY, false),
  /// Mean time between the tokens of a stream.
  @JsonProperty("itl")
  ITL("itl", Kind.LATENCY, true),
  /// Duration of a request divided by its output tokens.
  @JsonProperty("e2e_per_token")
  E2E_PER_TOKEN("e2e_per_token", Kind.LATENCY, true),
  /// Output tokens, if more is worse.
  @JsonProperty("length_up")
  LENGTH_UP("length_up", Kind.LENGTH, true),
  /// Output tokens, if fewer is worse.
  @JsonProperty("length_down")
  LENGTH_DOWN("length_down", Kind.LENGTH, true),
  /// Mean difference of complete responses' grades to the best grade. Only a sample is graded, and
  /// only if the plan requests it: [AnalysisPlan#withGrading].
  @JsonProperty("quality")
  QUALITY("quality", Kind.SCORE, true);

  /// How a metric is reduced to a badness in [0, 1].
  public enum Kind {
    /// Badness is 0 or 1; tolerance and margin are absolute differences of rates.
    RATE,
    /// Badness is whether a value exceeds a baseline quantile; tolerance and margin are relative
    /// (0.10 = 10 %).
    LATENCY,
    /// Like a latency, for output tokens.
    LENGTH,
    /// Badness is `1 - grade / 1000`; tolerance and margin are absolute differences of means.
    SCORE;

    /// Whether tolerance and margin are differences of means rather than factors.
    public boolean absolute() {
      return this == RATE || this == SCORE;
    }
  }

  private final String manifestName;
  private final Kind kind;
  private final boolean waitsForTheEnd;

  ReleaseMetric(String manifestName, Kind kind, boolean waitsForTheEnd) {
    this.manifestName = manifestName;
    this.kind = kind;
    this.waitsForTheEnd = waitsForTheEnd;
  }

  /// The name in manifests, JSON and output.
  public String manifestName() {
    return manifestName;
  }

  public Kind kind() {
    return kind;
  }

  /// Whether only the end of a request settles it.
  boolean waitsForTheEnd() {
    return waitsForTheEnd;
  }

  /// Whether it also waits for the response's grade after the end of the request.
  boolean waitsForAGrade() {
    return kind == Kind.SCORE;
  }

  /// Whether it may not apply to any request: without JSON requests, streams, or gateways that
  /// report empty responses. It stops gating after it has examined a number of requests and applies
  /// to none, until it applies to one.
  boolean ofSomeRequests() {
    return switch (this) {
      case TRUNCATED, EMPTY, INVALID_JSON, ITL -> true;
      case ERROR,
          FAST_ERROR,
          REFUSAL,
          REPETITION,
          TTFT,
          E2E_PER_TOKEN,
          LENGTH_UP,
          LENGTH_DOWN,
          QUALITY ->
          false;
    };
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
