// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.route;

import dev.weir.gateway.exchange.CohortMembership;
import dev.weir.gateway.exchange.VersionDecision;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.Generated;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import java.util.Optional;

/// Chooses the version of a service: the arm under test for units below its weight while its lease
/// is valid, otherwise the stable one. For a shadow, the stable one for all requests, and which of
/// them are mirrored.
public final class VersionChoice {
  private static final String MIRRORED = "mirrored\n";

  private final Sessions sessions;

  public VersionChoice(Sessions sessions) {
    this.sessions = sessions;
  }

  /// Draws the arm. A request outside the step's audience is not part of the comparison, but may be
  /// mirrored in addition to it.
  public VersionDecision choose(
      ServiceEntry service, RequestOrigin caller, RandomizationUnit unit, boolean leaseRuns) {
    Optional<CanaryArm> rollout = service.canary().stream().findFirst();
    if (rollout.isEmpty()) {
      return stable(service, rollout, CohortMembership.UNOBSERVED);
    }
    CanaryArm canary = rollout.get();
    boolean shadow = canary.weightMillionths() == 0 && canary.mirrorMillionths() > 0;
    boolean inAudience = caller.inAudienceOf(canary);
    if (inAudience && !shadow) {
      return draw(service, canary, unit, leaseRuns);
    }
    boolean copied = inAudience || canary.weightMillionths() > 0;
    return copied && canary.mirrorMillionths() > 0
        ? mirror(service, canary, unit, leaseRuns)
        : stable(service, rollout, CohortMembership.NOT_IN_AUDIENCE);
  }

  private VersionDecision draw(
      ServiceEntry service, CanaryArm canary, RandomizationUnit unit, boolean leaseRuns) {
    int weight = leaseRuns ? canary.weightMillionths() : 0;
    boolean toCanary = unit.millionths(canary.salt()) < weight;
    Sessions.Entry entry = entry(canary, unit, "");
    return new VersionDecision(
        service,
        toCanary ? canary.arm() : service.stable(),
        toCanary,
        Optional.of(canary),
        weight,
        entry.membership(),
        entry.session(),
        entry.turn(),
        false);
  }

  /// The stable version answers all requests; those below the share are compared with their copies.
  private VersionDecision mirror(
      ServiceEntry service, CanaryArm canary, RandomizationUnit unit, boolean leaseRuns) {
    Optional<CanaryArm> rollout = Optional.of(canary);
    if (!leaseRuns || unit.millionths(canary.salt()) >= canary.mirrorMillionths()) {
      return stable(service, rollout, CohortMembership.NOT_MIRRORED);
    }
    Sessions.Entry entry = entry(canary, unit, MIRRORED);
    return new VersionDecision(
        service,
        service.stable(),
        false,
        rollout,
        Generated.HALF_MILLIONTHS,
        entry.membership(),
        entry.session(),
        entry.turn(),
        true);
  }

  private static VersionDecision stable(
      ServiceEntry service, Optional<CanaryArm> rollout, CohortMembership membership) {
    return new VersionDecision(service, service.stable(), false, rollout, 0, membership);
  }

  /// Draws the arm of a generated request: both with equal probability, whatever the canary's
  /// weight.
  public static VersionDecision chooseEvenly(
      ServiceEntry service, CanaryArm canary, RandomizationUnit unit) {
    boolean toCanary = unit.millionths(canary.salt()) < Generated.HALF_MILLIONTHS;
    Arm arm = toCanary ? canary.arm() : service.stable();
    return new VersionDecision(
        service,
        arm,
        toCanary,
        Optional.of(canary),
        Generated.HALF_MILLIONTHS,
        CohortMembership.GENERATED);
  }

  /// @param kind separates mirrored from drawn requests of a session, so that no slice has both
  private Sessions.Entry entry(CanaryArm canary, RandomizationUnit unit, String kind) {
    if (!canary.observed()) {
      return Sessions.Entry.apart(CohortMembership.UNOBSERVED);
    }
    return switch (unit) {
      case RandomizationUnit.Lone _ -> Sessions.Entry.apart(CohortMembership.COUNTED);
      case RandomizationUnit.Session session -> sessions.enter(canary, kind + session.name());
    };
  }

  /// Chooses the version that the client names, whatever its weight and audience; a canary only
  /// while its lease is valid. Excluded from the statistics.
  ///
  /// @param wanted `model@version`, or the version alone
  /// @return empty if the service does not serve that version now
  public Optional<VersionDecision> pin(ServiceEntry service, String wanted, boolean leaseRuns) {
    Optional<CanaryArm> rollout = service.canary().stream().findFirst();
    if (names(service.stable(), wanted)) {
      return Optional.of(stable(service, rollout, CohortMembership.PINNED));
    }
    return rollout
        .filter(canary -> leaseRuns && names(canary.arm(), wanted))
        .map(c -> new VersionDecision(service, c.arm(), true, rollout, 0, CohortMembership.PINNED));
  }

  private static boolean names(Arm arm, String wanted) {
    return arm.version().equals(wanted) || arm.version().endsWith("@" + wanted);
  }
}
