// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.partition;

import java.util.Set;

/// How the versions of one round are released.
enum ReleaseCase {
  CANARY(
      "canary",
      "steps: [{weight: 25}, {weight: 50}], bake: {duration: 0s}",
      "Progressing",
      Set.of(0.0, 25.0, 50.0),
      0.1,
      Evidence.REQUESTS),
  ROLLING(
      "rolling",
      "strategy: rolling, bake: {duration: 30s}, rolling: {settle: 30s}",
      "Progressing",
      Set.of(0.0, 50.0, 95.0),
      0.1,
      Evidence.REQUESTS),
  CANARY_WITH_BAKE(
      "canary with a bake",
      "steps: [{weight: 50}], bake: {duration: 15s}",
      "Progressing",
      Set.of(0.0, 50.0, 95.0),
      0.1,
      Evidence.REQUESTS),
  BLUE_GREEN(
      "blue-green, detected after the switch",
      "strategy: blueGreen, bake: {duration: 60s}, blueGreen: {keepFor: 5s}",
      "Promoting",
      Set.of(0.0, 95.0, 100.0),
      0.5,
      Evidence.REQUESTS),
  MIRRORED_BLUE_GREEN(
      "blue-green, detected on copies",
      "strategy: blueGreen, bake: {duration: 15s}, blueGreen: {mirror: 50%, keepFor: 5s}",
      "Progressing",
      Set.of(0.0, 95.0, 100.0),
      0.1,
      Evidence.COPIES),
  SHADOW(
      "shadow",
      "strategy: shadow, bake: {duration: 15s}, shadow: {sample: 50%, promote: true}",
      "Progressing",
      Set.of(0.0, 95.0),
      0.1,
      Evidence.COPIES),
  RECREATE(
      "recreate, the version does not start",
      "strategy: recreate",
      "Provisioning",
      Set.of(0.0, 100.0),
      0.1,
      Evidence.NONE),
  RAMP(
      "ramp",
      "ramp: {weights: [10, 25, 50], minDwell: 10s}, bake: {duration: 0s}",
      "Progressing",
      Set.of(0.0, 10.0, 25.0, 50.0),
      0.1,
      Evidence.REQUESTS);

  private final String title;
  private final String release;
  private final String badPhase;

  @SuppressWarnings("ImmutableEnumChecker") // made by Set.of
  private final Set<Double> weights;

  private final double errorRate;
  private final Evidence evidence;

  /// @param release fields of `release`, as a YAML flow mapping without braces
  /// @param badPhase the phase in which the bad version receives requests, or fails to start
  /// @param weights that a version can have
  /// @param errorRate of the bad version: with fewer answers to compare it must be higher
  ReleaseCase(
      String title,
      String release,
      String badPhase,
      Set<Double> weights,
      double errorRate,
      Evidence evidence) {
    this.title = title;
    this.release = release;
    this.badPhase = badPhase;
    this.weights = weights;
    this.errorRate = errorRate;
    this.evidence = evidence;
  }

  /// The requests that show that a version is bad.
  enum Evidence {
    /// Requests of clients.
    REQUESTS,
    /// Copies of requests: the version serves no client.
    COPIES,
    /// None: the version does not start, and nothing serves meanwhile.
    NONE
  }

  String title() {
    return title;
  }

  String release() {
    return release;
  }

  String badPhase() {
    return badPhase;
  }

  Set<Double> weights() {
    return weights;
  }

  double errorRate() {
    return errorRate;
  }

  Evidence evidence() {
    return evidence;
  }
}
