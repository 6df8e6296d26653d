// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

import java.util.List;
import java.util.Map;

/// The client-side results of a play. Serializes directly to JSON.
///
/// @param traffic title of the trace
/// @param seed of the plan
/// @param planDigest SHA-256 of the plan's first 1,000 requests
/// @param seconds since the start
/// @param requests counts over all versions
/// @param versions counts and times by answering version, in order of first appearance; version
///   `""` contains responses without a version, such as rejections by the gateway
/// @param reasons reasons of failed or harmed answers, with counts
/// @param examples the first failed or harmed requests
/// @param sendLagMillis p99 of the send delay; above a few ms the player's machine is overloaded
///   and the measured times are too high
public record PlayerReport(
    String traffic,
    long seed,
    String planDigest,
    double seconds,
    Requests requests,
    List<VersionReport> versions,
    Map<String, Long> reasons,
    List<Example> examples,
    double sendLagMillis) {
  public PlayerReport {
    versions = List.copyOf(versions);
    reasons = Map.copyOf(reasons);
    examples = List.copyOf(examples);
  }

  /// Counts over all versions: `planned = served + failed + harmed + badAnswersExposed + inFlight`.
  ///
  /// @param planned requests whose send time has passed
  /// @param served correct answers
  /// @param failed client-visible failures, except those of faulty versions
  /// @param harmed answers with status 2xx that were wrong, empty or truncated, except those of
  ///   faulty versions
  /// @param badAnswersExposed failed or harmed answers of faulty versions
  /// @param dropped the part of `failed` that was never sent because too many requests were in
  ///   flight
  /// @param streamed correct answers that were streamed
  /// @param resumed correct answers that were resumed mid-stream
  /// @param retried correct answers with more than one attempt
  /// @param inFlight requests without an answer yet
  public record Requests(
      long planned,
      long served,
      long failed,
      long harmed,
      long badAnswersExposed,
      long dropped,
      long streamed,
      long resumed,
      long retried,
      long inFlight) {}

  /// The results of one version.
  ///
  /// @param version from the response header
  /// @param faulty whether it is marked as faulty
  /// @param served correct answers
  /// @param failed answers that failed
  /// @param harmed answers that were wrong
  /// @param ttft time to first token of correct streamed answers
  /// @param itl time between tokens, all gaps of correct streamed answers
  /// @param endToEnd time to the end of correct answers
  public record VersionReport(
      String version,
      boolean faulty,
      long served,
      long failed,
      long harmed,
      Quantiles ttft,
      Quantiles itl,
      Quantiles endToEnd) {
    /// All answers.
    public long answers() {
      return served + failed + harmed;
    }
  }

  /// Quantiles of a duration in milliseconds, accurate to 2.2 %.
  ///
  /// @param count number of measurements
  /// @param p50Millis median
  /// @param p90Millis 90 %
  /// @param p95Millis 95 %
  /// @param p99Millis 99 %
  public record Quantiles(
      long count, double p50Millis, double p90Millis, double p95Millis, double p99Millis) {}

  /// A failed or harmed request.
  ///
  /// @param requestId its `x-request-id`
  /// @param version the answering version, or empty
  /// @param outcome `failed` or `harmed`
  /// @param reason the reason
  /// @param atSeconds send time since the start
  public record Example(
      String requestId, String version, String outcome, String reason, double atSeconds) {}
}
