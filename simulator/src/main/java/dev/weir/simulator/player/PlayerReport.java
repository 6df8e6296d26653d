// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

import java.util.List;
import java.util.Map;

/// What clients saw, as judged by the player. Plain values: turns into JSON as it is.
///
/// @param traffic title of the trace
/// @param seed of the plan
/// @param planDigest SHA-256 of the plan's first 1,000 requests
/// @param seconds since the start
/// @param requests counts over all versions
/// @param versions counts and times by the version that answered, in order of first appearance;
///   version `""` is what no version put its name to (such as a refusal by the gateway)
/// @param reasons why answers failed or were harmed, with counts
/// @param examples the first failed or harmed requests
/// @param sendLagMillis p99 of how late requests were sent: above a few ms the player's machine is
///   too busy and the times are worse than what the server did
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
  /// @param planned whose time came
  /// @param served right answers
  /// @param failed client-visible failures, those of faulty versions excepted
  /// @param harmed answers with status 2xx that were wrong, empty or truncated, those of faulty
  ///   versions excepted
  /// @param badAnswersExposed failed or harmed answers by faulty versions
  /// @param dropped of `failed`, never sent because too many were in flight
  /// @param streamed right answers that were streamed
  /// @param resumed right answers that say they were continued mid-stream
  /// @param retried right answers that took more than one attempt
  /// @param inFlight not answered yet
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

  /// What one version did.
  ///
  /// @param version by the response header
  /// @param faulty whether it was said to be faulty
  /// @param served right answers
  /// @param failed answers that failed
  /// @param harmed answers that were wrong
  /// @param ttft time to the first token, right streamed answers
  /// @param itl time between tokens, all gaps of right streamed answers
  /// @param endToEnd time to the end, right answers
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

  /// Quantiles of a duration in milliseconds, right to 2.2 %.
  ///
  /// @param count of what was measured
  /// @param p50Millis median
  /// @param p90Millis 90 %
  /// @param p99Millis 99 %
  public record Quantiles(long count, double p50Millis, double p90Millis, double p99Millis) {}

  /// A request that went wrong.
  ///
  /// @param requestId its `x-request-id`
  /// @param version that answered, or empty
  /// @param outcome `failed` or `harmed`
  /// @param reason why
  /// @param atSeconds when it was sent, from the start
  public record Example(
      String requestId, String version, String outcome, String reason, double atSeconds) {}
}
