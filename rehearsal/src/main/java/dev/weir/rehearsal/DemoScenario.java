// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import java.util.List;

/// A scenario: releases in sequence under continuous traffic.
///
/// @param acts in order
public record DemoScenario(List<Act> acts) {
  public DemoScenario {
    acts = List.copyOf(acts);
  }

  /// One step of a scenario.
  public sealed interface Act {}

  /// How a version is released.
  ///
  /// @param about short description
  /// @param release fields of `release`, as a YAML flow mapping
  public record ReleaseStyle(String about, String release) {
    /// The style of the demo: the default policy, except for the duration of the bake.
    public static final ReleaseStyle DEMO =
        new ReleaseStyle(
            "the default policy: a ramp from 1 to 50 %; only the bake is 10 s instead of 5 min",
            "bake: {duration: 10s}");

    /// Fixed steps for trials that release many versions.
    public static final ReleaseStyle STEPS =
        quick(
            "canary, steps 25 % and 50 %, bake 10 s",
            "strategy: canary, steps: [{weight: 25}, {weight: 50}], bake: {duration: 10s}");

    /// A style with short steps and without an allowance for noise between replicas, which
    /// simulated engines on one machine do not have. It is for trials, not for real fleets.
    public static ReleaseStyle quick(String about, String release) {
      return new ReleaseStyle(
          about,
          release
              + ", analysis: {minStepDuration: 10s, maxStepDuration: 8m, onInconclusive: pause,"
              + " dispersion: 1}");
    }
  }

  /// A version that is as fast and as correct as the previous one; must be promoted.
  public record GoodRelease(ReleaseStyle manner) implements Act {
    public GoodRelease() {
      this(ReleaseStyle.STEPS);
    }
  }

  /// A version with a slower first token and failing answers; must be reverted.
  public record BadRelease(ReleaseStyle manner) implements Act {
    public BadRelease() {
      this(ReleaseStyle.STEPS);
    }
  }

  /// Kills one replica of the stable version with SIGKILL while it streams; no request may fail.
  public record KillReplica() implements Act {}

  /// The scenario of `weir demo`.
  public static DemoScenario demo() {
    return new DemoScenario(
        List.of(
            new GoodRelease(ReleaseStyle.DEMO),
            new KillReplica(),
            new BadRelease(ReleaseStyle.DEMO)));
  }
}
