// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.deployment.Deployer;
import dev.weir.control.deployment.DesiredReplicas;
import dev.weir.control.deployment.SlotAssignment;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.InFlightRequests;
import dev.weir.control.observation.TargetReplica;
import dev.weir.control.rollout.FactCollector.ServiceObservation;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.release.Stages;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.VersionRef;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The deploy step of a pass: moves the replicas of one Service towards the desired replicas.
final class ServiceDeployment {
  /// Added to the total timeout of the Service: after both, no response can be in flight.
  private static final Duration RESPONSE_MARGIN = Duration.ofSeconds(5);

  /// The drain deadline of replicas whose Service, and with it the total timeout, no longer exists.
  private static final Duration ORPHAN_DRAIN = Duration.ofMinutes(2);

  private final FactCollector facts;
  private final Deployer deployer;
  private final ControlClock clock;

  ServiceDeployment(FactCollector facts, Deployer deployer, ControlClock clock) {
    this.facts = facts;
    this.deployer = deployer;
    this.clock = clock;
  }

  /// Starts, restarts and stops replicas until the observed replicas match the desired replicas.
  void apply(ServiceObservation observed) {
    Service service = observed.service();
    deployer.apply(
        observed.members(),
        replica -> unrouted(observed, replica),
        DesiredReplicas.stable(service),
        observed.most(),
        service.spec().traffic().timeouts().total().plus(RESPONSE_MARGIN),
        clock.now());
  }

  /// Drains and stops the replicas of a Service that no longer exists.
  ///
  /// @param revision of the resources in which it does not exist
  void retire(String namespace, String name, List<TargetReplica> replicas, long revision) {
    SlotAssignment members = SlotAssignment.of(namespace, name, List.of(), replicas, List.of());
    String id = namespace + "/" + name;
    members.stopping().stream()
        .findFirst()
        .ifPresent(any ->
            deployer.apply(
                members,
                replica -> facts.unrouted(id, replica, Optional.empty(), revision),
                any.version(),
                Map.of(),
                ORPHAN_DRAIN,
                clock.now()));
  }

  /// Whether the Service needs no further pass: no rollout, order, fault, missing reference or
  /// adoption is pending, every desired replica is Ready and no other replica exists.
  boolean settled(ServiceObservation observed) {
    Service service = observed.service();
    SlotAssignment members = observed.members();
    return observed.live().isEmpty()
        && service.status().orders().isEmpty()
        && service.status().faults().isEmpty()
        && service
            .status()
            .stable()
            .filter(stable -> stable.version().equals(service.spec().version()))
            .isPresent()
        && allKnown(observed)
        && members.placed().keySet().stream().allMatch(members::serves)
        && members.observed().values().stream()
            .allMatch(
                replica -> !replica.present() || members.placed().containsKey(replica.name()));
  }

  /// Whether every existing replica has been observed. Before that, a replica that was not observed
  /// may still exist.
  boolean allKnown(ServiceObservation observed) {
    return !facts.adopting()
        && observed.problems().isEmpty()
        && deployer.blocked(observed.members()).isEmpty();
  }

  // Replicas of the old version stay during a promotion until the replicas that replace them are
  // complete.
  private Optional<InFlightRequests> unrouted(ServiceObservation observed, TargetReplica replica) {
    boolean replaced =
        observed
            .live()
            .filter(rollout -> rollout.status().phase() == RolloutPhase.PROMOTING)
            .filter(rollout -> Stages.maxSurplus(rollout.spec()).isEmpty())
            .filter(rollout -> rollout.spec().from().equals(replica.version()))
            .map(rollout -> complete(observed.members(), rollout.spec().to()))
            .orElse(true);
    Optional<Rollout> live = observed.live();
    return replaced
        ? facts.unrouted(observed.id(), replica, live, observed.catalogue().revision())
        : Optional.empty();
  }

  private static boolean complete(SlotAssignment members, VersionRef version) {
    return members.ready(version) >= members.wanted(version);
  }
}
