// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.snapshot.RequestSource;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import java.util.Optional;

/// Which version was first chosen for a request; what happens afterwards (retry, fallback, resume)
/// never changes it, so that statistics are attributed to the choice.
///
/// @param arm the version first chosen
/// @param toCanary whether that is the version under test
/// @param rollout the service's rollout at that moment, whichever arm was chosen
/// @param weightMillionths the canary weight that was really used, a half for what is mirrored; 0
///   when the lease had ended
/// @param session of a request that counts as one of a session
/// @param turn its place in that session, 1 for the first; 0 without one
/// @param mirrored whether the version under test gets a copy
public record VersionDecision(
    ServiceEntry service,
    Arm arm,
    boolean toCanary,
    Optional<CanaryArm> rollout,
    int weightMillionths,
    CohortMembership membership,
    Optional<SessionUnit> session,
    int turn,
    boolean mirrored) {
  public VersionDecision {
    if ((toCanary || mirrored) && rollout.isEmpty()) {
      throw new IllegalArgumentException("a canary without a rollout: " + service.id());
    }
    if (toCanary && mirrored) {
      throw new IllegalArgumentException("a copy to who answers: " + service.id());
    }
  }

  /// The same for a request whose copy is not sent. It counts no more: its other half would be
  /// missing.
  public VersionDecision withoutCopy() {
    CohortMembership left = membership.recorded() ? CohortMembership.COPY_DROPPED : membership;
    return new VersionDecision(service, arm, toCanary, rollout, weightMillionths, left);
  }

  /// What the copy of a mirrored request is for.
  public VersionDecision ofCopy() {
    return new VersionDecision(
        service,
        rollout.orElseThrow().arm(),
        true,
        rollout,
        weightMillionths,
        membership,
        session,
        turn,
        false);
  }

  /// One of no session that counts.
  public VersionDecision(
      ServiceEntry service,
      Arm arm,
      boolean toCanary,
      Optional<CanaryArm> rollout,
      int weightMillionths,
      CohortMembership membership) {
    this(service, arm, toCanary, rollout, weightMillionths, membership, Optional.empty(), 0, false);
  }

  /// To the stable version, outside every statistic: who is sent to it was not drawn.
  public static VersionDecision undrawn(ServiceEntry service) {
    return new VersionDecision(
        service, service.stable(), false, Optional.empty(), 0, CohortMembership.UNOBSERVED);
  }

  /// Which comparison it belongs to, if any.
  public RequestSource stratum() {
    return membership == CohortMembership.GENERATED
        ? rollout.orElseThrow().generated().stratum()
        : mirrored ? RequestSource.MIRRORED : RequestSource.CLIENTS;
  }
}
