// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.Stratum;
import java.util.Optional;

/// Which version was first chosen for a request; what happens afterwards (retry, fallback, resume)
/// never changes it, so that statistics are attributed to the choice.
///
/// @param arm the version first chosen
/// @param toCanary whether that is the version under test
/// @param rollout the service's rollout at that moment, whichever arm was chosen
/// @param weightMillionths the canary weight that was really used; 0 when the lease had ended
/// @param session of a request that counts as one of a session
/// @param turn its place in that session, 1 for the first; 0 without one
public record Decision(
    ServiceEntry service,
    Arm arm,
    boolean toCanary,
    Optional<CanaryArm> rollout,
    int weightMillionths,
    Membership membership,
    Optional<SessionUnit> session,
    int turn) {
  public Decision {
    if (toCanary && rollout.isEmpty()) {
      throw new IllegalArgumentException("a canary without a rollout: " + service.id());
    }
  }

  /// One of no session that counts.
  public Decision(
      ServiceEntry service,
      Arm arm,
      boolean toCanary,
      Optional<CanaryArm> rollout,
      int weightMillionths,
      Membership membership) {
    this(service, arm, toCanary, rollout, weightMillionths, membership, Optional.empty(), 0);
  }

  /// Which comparison it belongs to, if any.
  public Stratum stratum() {
    return membership == Membership.GENERATED
        ? rollout.orElseThrow().generated().stratum()
        : Stratum.CLIENTS;
  }
}
