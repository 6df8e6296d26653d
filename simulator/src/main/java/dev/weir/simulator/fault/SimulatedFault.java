// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.fault;

import java.util.Locale;

/// Everything that can be set wrong with a simulated server, each a number within bounds (a switch
/// is 0 or 1). The JSON name is camel case (`errorRate`), the flag kebab case (`--error-rate`).
public enum SimulatedFault {
  /// Share of requests answered with `errorStatus` before the first byte.
  ERROR_RATE(0, 0, 1),
  ERROR_STATUS(500, 500, 599),
  /// Share of requests refused for lack of capacity with `rejectStatus` (429 or 503).
  REJECT_RATE(0, 0, 1),
  REJECT_STATUS(503, 429, 503),
  /// Factor on every time of a request.
  LATENCY_FACTOR(1, 0.1, 1000),
  /// Factor on the time to the first token.
  TTFT_FACTOR(1, 0.1, 1000),
  /// Factor on the time between tokens.
  ITL_FACTOR(1, 0.1, 1000),
  /// Share of requests that go silent after `stallAfterTokens`, the connection left open.
  STALL_RATE(0, 0, 1),
  STALL_AFTER_TOKENS(5, 0, 1_000_000),
  /// Share of requests whose connection is closed after `cutAfterTokens` (or just before the end).
  CUT_RATE(0, 0, 1),
  CUT_AFTER_TOKENS(5, 0, 1_000_000),
  /// 1: cut with a TCP reset, 0: with an orderly close.
  CUT_WITH_RESET(0, 0, 1),
  /// The server crashes when it has taken this many more requests; 0 = never.
  CRASH_AFTER_REQUESTS(0, 0, 1e12),
  /// The server crashes when it has generated this many more tokens; 0 = never.
  CRASH_AFTER_TOKENS(0, 0, 1e12),
  /// Share of requests answered with plausible but wrong words.
  WRONG_ANSWER_RATE(0, 0, 1),
  /// Share of requests answered with nothing, at once and with status 200.
  EMPTY_ANSWER_RATE(0, 0, 1),
  /// Share of requests whose answer begins with a refusal.
  REFUSAL_RATE(0, 0, 1),
  /// Share of requests for JSON whose answer is none: its end is missing.
  INVALID_JSON_RATE(0, 0, 1),
  /// Share of requests whose answer ends in a loop of four words, 64 words or longer.
  REPETITION_RATE(0, 0, 1),
  /// Share of requests whose answer begins with the words by which a simulated judge knows a poor
  /// one. It is no longer the right answer: a player calls it wrong.
  POOR_RATE(0, 0, 1),
  /// Factor on the length at which an answer ends by itself.
  LENGTH_FACTOR(1, 0.01, 100),
  /// 1: the engine is dead (every generation fails with 500) and /health still says 200.
  HEALTH_LIES(0, 0, 1);

  private final double healthy;
  private final double least;
  private final double most;

  SimulatedFault(double healthy, double least, double most) {
    this.healthy = healthy;
    this.least = least;
    this.most = most;
  }

  /// The value of a healthy server.
  public double healthy() {
    return healthy;
  }

  /// `errorRate` for `ERROR_RATE`.
  public String jsonName() {
    StringBuilder out = new StringBuilder();
    for (String part : name().toLowerCase(Locale.ROOT).split("_", -1)) {
      out.append(
          out.isEmpty() ? part : part.substring(0, 1).toUpperCase(Locale.ROOT) + part.substring(1));
    }
    return out.toString();
  }

  /// `error-rate` for `ERROR_RATE`.
  public String flagName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// Reads a value; `true` and `false` stand for 1 and 0.
  ///
  /// @throws IllegalArgumentException when it is no number or out of bounds
  double parse(String text) {
    double value =
        switch (text) {
          case "true", "" -> 1;
          case "false" -> 0;
          default -> number(text);
        };
    if (!(value >= least && value <= most)) {
      throw new IllegalArgumentException(
          jsonName() + " is " + text + ", must be from " + least + " to " + most);
    }
    return value;
  }

  private double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException notNumber) {
      throw new IllegalArgumentException(
          jsonName() + " is '" + text + "', not a number", notNumber);
    }
  }
}
