// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import dev.weir.rehearsal.DemoScenario.ReleaseStyle;
import java.util.List;
import java.util.Locale;

/// The manifests of the demo: simulated engines, and the release policy of a scenario.
final class DemoManifests {
  static final String SERVICE = "chat";

  /// Share of the bad version's answers that fail with HTTP 500.
  static final double BAD_ERROR_RATE = 0.05;

  /// Factor by which the bad version's time to first token is longer.
  static final double BAD_TTFT_FACTOR = 1.6;

  private static final List<String> GOOD =
      List.of("--profile", "llama-3.1-8b-h100", "--latency-spread", "0.02", "--warm-up", "200");

  private DemoManifests() {}

  static String model() {
    return """
    apiVersion: weir.dev/v1
    kind: Model
    metadata: {name: chat}
    spec: {owner: rehearsal, licence: apache-2.0, intendedUse: rehearsal}
    """;
  }

  static String version(int number, boolean bad) {
    List<String> args =
        bad
            ? List.of("--error-rate", text(BAD_ERROR_RATE), "--ttft-factor", text(BAD_TTFT_FACTOR))
            : List.of();
    return """
    ---
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: chat-%d}
    spec:
      model: chat
      version: "%d"
      engine: {type: sim, args: [%s]}
      startupTimeout: 2m
    """
        .formatted(number, number, quoted(args));
  }

  static String service(int version, int replicas, ReleaseStyle releaseStyle) {
    return """
    ---
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: chat}
    spec:
      version: chat@%d
      placements: [{target: local, replicas: %d}]
      release: {%s}
      traffic:
        timeouts: {connect: 1s, firstToken: 5s, stall: 3s, total: 60s}
        retries: {budget: 20%%, maxAttempts: 3}
        concurrency: {waitForReplica: 1m}
        resume: true
    """
        .formatted(version, replicas, releaseStyle.release());
  }

  private static String quoted(List<String> additional) {
    return String.join(
        ", ",
        java.util.stream.Stream.concat(GOOD.stream(), additional.stream())
            .map(word -> "\"" + word + "\"")
            .toList());
  }

  private static String text(double number) {
    return String.format(Locale.ROOT, "%s", number);
  }
}
