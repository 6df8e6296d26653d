// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import java.util.List;

/// What a rehearsal plays: releases one after the other, under traffic that never stops.
///
/// @param acts in order
public record DemoScenario(List<Act> acts) {
  public DemoScenario {
    acts = List.copyOf(acts);
  }

  /// One thing that happens.
  public sealed interface Act {}

  /// How a version is released.
  ///
  /// @param about in a few words
  /// @param release fields of `release`, as a YAML flow mapping
  public record ReleaseStyle(String about, String release) {
    /// That of the demo.
    public static final ReleaseStyle DEMO =
        new ReleaseStyle(
            "canary, steps 25 % and 50 %, bake 10 s",
            "strategy: canary, steps: [{weight: 25}, {weight: 50}],"
                + " bake: {duration: 10s, holdback: 5%}");
  }

  /// A version as fast and as right as the one before; must be promoted.
  public record GoodRelease(ReleaseStyle manner) implements Act {
    public GoodRelease() {
      this(ReleaseStyle.DEMO);
    }
  }

  /// A version with a slower first token and failing answers; must be reverted.
  public record BadRelease(ReleaseStyle manner) implements Act {
    public BadRelease() {
      this(ReleaseStyle.DEMO);
    }
  }

  /// One replica of the serving version is killed with SIGKILL while it streams; no client may
  /// notice.
  public record KillReplica() implements Act {}

  /// The scenario of `weir demo`.
  public static DemoScenario demo() {
    return new DemoScenario(List.of(new GoodRelease(), new KillReplica(), new BadRelease()));
  }
}
