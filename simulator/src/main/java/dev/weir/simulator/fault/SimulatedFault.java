// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.fault;

import java.math.BigDecimal;
import java.util.Locale;

/// The faults of a simulated server, each a number within a range (a switch is 0 or 1). The JSON
/// name is in camel case (`errorRate`), the flag in kebab case (`--error-rate`).
public enum SimulatedFault {
  /// Share of requests that fail with `errorStatus` before the first byte.
  ERROR_RATE(0, 0, 1),
  ERROR_STATUS(500, 500, 599),
  /// Share of requests that are rejected for lack of capacity with `rejectStatus` (429 or 503).
  REJECT_RATE(0, 0, 1),
  REJECT_STATUS(503, 429, 503),
  /// Factor on every time of a request.
  LATENCY_FACTOR(1, 0.1, 1000),
  /// Factor on the time to the first token.
  TTFT_FACTOR(1, 0.1, 1000),
  /// Factor on the time between tokens.
  ITL_FACTOR(1, 0.1, 1000),
  /// Share of requests that stall after `stallAfterTokens` with an open connection.
  STALL_RATE(0, 0, 1),
  STALL_AFTER_TOKENS(5, 0, 1_000_000),
  /// Share of requests whose connection is closed after `cutAfterTokens` (or just before the end).
  CUT_RATE(0, 0, 1),
  CUT_AFTER_TOKENS(5, 0, 1_000_000),
  /// 1: cut with a TCP reset, 0: with a normal close.
  CUT_WITH_RESET(0, 0, 1),
  /// The server crashes after this many more requests; 0 = never.
  CRASH_AFTER_REQUESTS(0, 0, 1e12),
  /// The server crashes after this many more tokens; 0 = never.
  CRASH_AFTER_TOKENS(0, 0, 1e12),
  /// Share of requests with plausible but wrong answers.
  WRONG_ANSWER_RATE(0, 0, 1),
  /// Share of requests with an immediate empty answer and status 200.
  EMPTY_ANSWER_RATE(0, 0, 1),
  /// Share of requests whose answer begins with a refusal.
  REFUSAL_RATE(0, 0, 1),
  /// Share of requests for JSON with incomplete JSON.
  INVALID_JSON_RATE(0, 0, 1),
  /// Share of requests whose answer ends in a loop of four words, 64 words or longer.
  REPETITION_RATE(0, 0, 1),
  /// Share of requests whose answer begins with the marker of a poor answer, which a simulated
  /// judge grades low. A player counts such an answer as wrong.
  POOR_RATE(0, 0, 1),
  /// Factor on the natural length of answers.
  LENGTH_FACTOR(1, 0.01, 100),
  /// 1: the engine is dead (every generation fails with 500), but /health returns 200.
  HEALTH_LIES(0, 0, 1);

  private final double healthy;
  private final double min;
  private final double max;

  SimulatedFault(double healthy, double min, double max) {
    this.healthy = healthy;
    this.min = min;
    this.max = max;
  }

  /// The value of a healthy server.
  public double healthy() {
    return healthy;
  }

  /// What the value is, for the help text.
  public String meaning() {
    return switch (this) {
      case ERROR_RATE -> "share of requests that fail before the first byte";
      case ERROR_STATUS -> "status of those";
      case REJECT_RATE -> "share of requests that are refused for lack of capacity";
      case REJECT_STATUS -> "status of those";
      case LATENCY_FACTOR -> "factor on all times of a request";
      case TTFT_FACTOR -> "factor on the time to the first token";
      case ITL_FACTOR -> "factor on the time between tokens";
      case STALL_RATE -> "share of requests that stall with an open connection";
      case STALL_AFTER_TOKENS -> "tokens before the stall";
      case CUT_RATE -> "share of requests whose connection closes before the end";
      case CUT_AFTER_TOKENS -> "tokens before the connection closes";
      case CUT_WITH_RESET -> "1: close with a TCP reset, 0: close in order";
      case CRASH_AFTER_REQUESTS -> "requests until the server crashes; 0 = never";
      case CRASH_AFTER_TOKENS -> "tokens until the server crashes; 0 = never";
      case WRONG_ANSWER_RATE -> "share of answers that are plausible and wrong";
      case EMPTY_ANSWER_RATE -> "share of answers that are empty, with status 200";
      case REFUSAL_RATE -> "share of answers that begin with a refusal";
      case INVALID_JSON_RATE -> "share of JSON answers that are cut";
      case REPETITION_RATE -> "share of answers that end in a loop of words";
      case POOR_RATE -> "share of answers that a simulated judge grades low";
      case LENGTH_FACTOR -> "factor on the length of answers";
      case HEALTH_LIES -> "1: all generations fail, and /health reports 200";
    };
  }

  /// The allowed values and the default, for the help text.
  public String range() {
    return "%s to %s, default %s".formatted(plain(min), plain(max), plain(healthy));
  }

  private static String plain(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
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

  /// Parses a value; `true` and `false` mean 1 and 0.
  ///
  /// @throws IllegalArgumentException when it is not a number or out of range
  double parse(String text) {
    double value =
        switch (text) {
          case "true", "" -> 1;
          case "false" -> 0;
          default -> number(text);
        };
    if (!(value >= min && value <= max)) {
      throw new IllegalArgumentException(
          jsonName() + " is " + text + ", must be from " + min + " to " + max);
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
