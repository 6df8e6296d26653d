// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.release;

import dev.weir.model.ReleaseSpec.Match;
import java.time.Duration;
import java.util.List;

/// One stage of a release.
///
/// @param name in one or two words, for people
/// @param proof how it is passed
/// @param weight share of the requests that the new version serves, in percent, 0 to 100
/// @param audience whose requests the weight is of; empty means everybody's
/// @param mirror share of the requests that are copied to the new version, in percent, 0 to 100
/// @param fresh replicas of the new version, of [#of]
/// @param old replicas of the old version, of [#of]
/// @param of all replicas, 1 or more
/// @param atLeast how long it lasts at least
/// @param gate whether somebody must let it go on
/// @param promoting whether it belongs to phase `Promoting`
public record Stage(
    String name,
    Proof proof,
    double weight,
    List<Match> audience,
    double mirror,
    int fresh,
    int old,
    int of,
    Duration atLeast,
    boolean gate,
    boolean promoting) {
  public Stage {
    audience = List.copyOf(audience);
  }

  /// What a plain step of a canary is called.
  public static final String CANARY = "canary";

  /// How a stage is passed.
  public enum Proof {
    /// Every gating metric must be shown to be within its margin.
    PROVE,
    /// By time; proven harm reverts all the same.
    WATCH,
    /// By time; there is nothing to compare, or nothing is to be compared.
    NONE
  }

  /// Whether there is something to compare and it is wanted.
  public boolean observed() {
    boolean compared = (weight > 0 && weight < 100) || mirror > 0;
    return compared && proof != Proof.NONE;
  }

  /// How many of `all` replicas the new version has.
  public int freshOf(int all) {
    return part(fresh, all);
  }

  /// How many of `all` replicas the old version has.
  public int oldOf(int all) {
    return part(old, all);
  }

  // Somebody may change the number of replicas on the way: shares stay, rounded up.
  private int part(int share, int all) {
    return share == of ? all : Math.ceilDiv(share * all, of);
  }
}
