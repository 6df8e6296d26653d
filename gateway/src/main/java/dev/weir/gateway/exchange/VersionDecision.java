// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.snapshot.RequestSource;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import java.util.Optional;

/// The version first chosen for a request. Retries, fallbacks and resumes never change it, so that
/// statistics are attributed to the choice.
///
/// @param arm the version first chosen
/// @param toCanary whether that is the version under test
/// @param rollout the service's rollout at that time, whichever arm was chosen
/// @param weightMillionths the effective canary weight, one half for mirrored requests; 0 if the
///   lease had expired
/// @param session of a request that counts as part of a session
/// @param turn its number in that session, 1 for the first; 0 without one
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
      throw new IllegalArgumentException("a copy to the version that answers: " + service.id());
    }
  }

  /// Same decision for a request whose copy is not sent. It no longer counts, because its other
  /// half would be missing.
  public VersionDecision withoutCopy() {
    CohortMembership reduced = membership.recorded() ? CohortMembership.COPY_DROPPED : membership;
    return new VersionDecision(service, arm, toCanary, rollout, weightMillionths, reduced);
  }

  /// The decision of the shadow copy.
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

  /// A decision without a counted session.
  public VersionDecision(
      ServiceEntry service,
      Arm arm,
      boolean toCanary,
      Optional<CanaryArm> rollout,
      int weightMillionths,
      CohortMembership membership) {
    this(service, arm, toCanary, rollout, weightMillionths, membership, Optional.empty(), 0, false);
  }

  /// Routes to the stable version, outside all statistics, because the version was not drawn.
  public static VersionDecision undrawn(ServiceEntry service) {
    return new VersionDecision(
        service, service.stable(), false, Optional.empty(), 0, CohortMembership.UNOBSERVED);
  }

  /// The comparison that the request belongs to, if any.
  public RequestSource stratum() {
    return membership == CohortMembership.GENERATED
        ? rollout.orElseThrow().generated().stratum()
        : mirrored ? RequestSource.MIRRORED : RequestSource.CLIENTS;
  }
}
