// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import java.util.List;

/// What a rehearsal plays: releases one after the other, under traffic that never stops.
///
/// @param acts in order
public record Scenario(List<Act> acts) {
  public Scenario {
    acts = List.copyOf(acts);
  }

  /// One thing that happens.
  public sealed interface Act {}

  /// How a version is released.
  ///
  /// @param about in a few words
  /// @param release fields of `release`, as a YAML flow mapping
  public record Manner(String about, String release) {
    /// That of the demo.
    public static final Manner DEMO =
        new Manner(
            "canary, steps 25 % and 50 %, bake 10 s",
            "strategy: canary, steps: [{weight: 25}, {weight: 50}],"
                + " bake: {duration: 10s, holdback: 5%}");
  }

  /// A version as fast and as right as the one before; must be promoted.
  public record GoodRelease(Manner manner) implements Act {
    public GoodRelease() {
      this(Manner.DEMO);
    }
  }

  /// A version with a slower first token and failing answers; must be reverted.
  public record BadRelease(Manner manner) implements Act {
    public BadRelease() {
      this(Manner.DEMO);
    }
  }

  /// One replica of the serving version is killed with SIGKILL while it streams; nobody may notice.
  public record KillReplica() implements Act {}

  /// The scenario of `weir demo`.
  public static Scenario demo() {
    return new Scenario(List.of(new GoodRelease(), new KillReplica(), new BadRelease()));
  }
}
