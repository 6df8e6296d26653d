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

  /// A version as fast and as right as the one before; must be promoted.
  public record GoodRelease() implements Act {}

  /// A version with a slower first token and failing answers; must be reverted.
  public record BadRelease() implements Act {}

  /// One replica of the serving version is killed with SIGKILL while it streams; nobody may notice.
  public record KillReplica() implements Act {}

  /// The scenario of `weir demo`.
  public static Scenario demo() {
    return new Scenario(List.of(new GoodRelease(), new KillReplica(), new BadRelease()));
  }
}
