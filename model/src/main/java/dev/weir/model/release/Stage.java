// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.release;

import dev.weir.model.spec.ReleaseSpec.Match;
import java.time.Duration;
import java.util.List;

/// One stage of a release.
///
/// @param name display name of one or two words
/// @param proof what the stage must prove before it passes
/// @param weight share of the requests that the new version serves, in percent, 0 to 100
/// @param audience requests to which the weight applies; empty means all
/// @param mirror share of the requests copied to the new version, in percent, 0 to 100
/// @param newReplicas replicas of the new version, out of [#of]
/// @param old replicas of the old version, out of [#of]
/// @param of the total number of replicas, 1 or more
/// @param atLeast minimum duration
/// @param gate whether the stage waits for a user's approval
/// @param promoting whether the stage belongs to phase `Promoting`
public record Stage(
    String name,
    Proof proof,
    double weight,
    List<Match> audience,
    double mirror,
    int newReplicas,
    int old,
    int of,
    Duration atLeast,
    boolean gate,
    boolean promoting) {
  public Stage {
    audience = List.copyOf(audience);
  }

  /// The name of a canary step without match.
  public static final String CANARY = "canary";

  /// The name of a weight of a ramp.
  public static final String RAMP = "ramp";

  /// What a stage must prove.
  public enum Proof {
    /// The evidence must allow the next weight of a ramp.
    CLIMB,
    /// Every gating metric must be proven within its margin.
    PROVE,
    /// Nothing: the stage passes after its duration, but proven harm still reverts.
    WATCH,
    /// Nothing: the stage passes after its duration, without a comparison.
    NONE
  }

  /// Whether evidence must allow the end of this stage.
  public boolean needsEvidence() {
    return proof == Proof.PROVE || proof == Proof.CLIMB;
  }

  /// Whether the versions are compared in this stage.
  public boolean observed() {
    boolean compared = (weight > 0 && weight < 100) || mirror > 0;
    return compared && proof != Proof.NONE;
  }

  /// How many of `all` replicas the new version has.
  public int newReplicasOf(int all) {
    return part(newReplicas, all);
  }

  /// How many of `all` replicas the old version has.
  public int oldOf(int all) {
    return part(old, all);
  }

  // The number of replicas may change during the release: shares stay the same, rounded up.
  private int part(int share, int all) {
    return share == of ? all : Math.ceilDiv(share * all, of);
  }
}
