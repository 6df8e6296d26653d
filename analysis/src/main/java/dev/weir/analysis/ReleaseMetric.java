// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.Optional;

/// What a canary is judged by. Each metric has its own e-processes, horizon and cursor.
public enum ReleaseMetric {
  /// Share of requests that failed, timed out or met an overloaded engine: of streams before their
  /// first token, of answers in one piece at any time.
  @JsonProperty("error")
  ERROR("error", Kind.RATE, false),
  /// Share of requests that failed so within a second of their arrival: an outage is seen before
  /// the deadlines of `error` are over. Fed by [FastSlice]s, not by cohorts.
  @JsonProperty("fast_error")
  FAST_ERROR("fast_error", Kind.RATE, false),
  /// Share of streams, errors left out, that were cut after their first token.
  @JsonProperty("truncated")
  TRUNCATED("truncated", Kind.RATE, true),
  /// Share of answers with neither text nor a tool call, among the answered requests for text.
  @JsonProperty("empty")
  EMPTY("empty", Kind.RATE, true),
  /// Share of answered requests for text whose answer is a refusal.
  @JsonProperty("refusal")
  REFUSAL("refusal", Kind.RATE, true),
  /// Share of whole answers, where JSON was asked for, that are not JSON.
  @JsonProperty("invalid_json")
  INVALID_JSON("invalid_json", Kind.RATE, true),
  /// Share of answered requests for text whose answer ran into a loop.
  @JsonProperty("repetition")
  REPETITION("repetition", Kind.RATE, true),
  /// Time from arrival to the first token, of an answer in one piece to its first byte. Either kind
  /// is compared with its own kind.
  @JsonProperty("ttft")
  TTFT("ttft", Kind.LATENCY, false),
  /// Mean time between the tokens of a stream.
  @JsonProperty("itl")
  ITL("itl", Kind.LATENCY, true),
  /// Time of a whole request by its output tokens.
  @JsonProperty("e2e_per_token")
  E2E_PER_TOKEN("e2e_per_token", Kind.LATENCY, true),
  /// Output tokens, where more is worse.
  @JsonProperty("length_up")
  LENGTH_UP("length_up", Kind.LENGTH, true),
  /// Output tokens, where fewer is worse.
  @JsonProperty("length_down")
  LENGTH_DOWN("length_down", Kind.LENGTH, true),
  /// What the grades of whole answers lack of the best, in the mean. Only a sample is graded, and
  /// only where a plan asks for it: [AnalysisPlan#withGrading].
  @JsonProperty("quality")
  QUALITY("quality", Kind.SCORE, true);

  /// How a metric is reduced to a badness in [0, 1].
  public enum Kind {
    /// Badness is an indicator; tolerance and margin are absolute differences of rates.
    RATE,
    /// Badness is exceeding a baseline quantile; tolerance and margin are relative (0.10 = 10 %).
    LATENCY,
    /// As a latency, of output tokens.
    LENGTH,
    /// Badness is `1 - grade / 1000`; tolerance and margin are absolute differences of means.
    SCORE;

    /// Whether tolerance and margin are differences of means, rather than factors.
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

  /// Whether nothing before the end of a request settles it.
  boolean waitsForTheEnd() {
    return waitsForTheEnd;
  }

  /// Whether the end of a request need not settle it: its answer has to be graded yet.
  boolean waitsForAGrade() {
    return kind == Kind.SCORE;
  }

  /// Whether there may be traffic that it has nothing to say of: nobody asks for JSON, nobody
  /// streams, no gateway reports empty answers. It stops gating once it looked at a number of
  /// requests and applies to none, until a request comes that it applies to.
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

  /// The metric of that manifest name, if there is one.
  public static Optional<ReleaseMetric> named(String manifestName) {
    return Arrays.stream(values()).filter(m -> m.manifestName.equals(manifestName)).findFirst();
  }

  @Override
  public String toString() {
    return manifestName;
  }
}
