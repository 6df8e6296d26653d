// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.view.AuditEntry;
import dev.weir.model.view.Evidence;
import dev.weir.store.AuditVerifier;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What a run came to, in a form that is the same for two runs exactly when nobody could tell from
/// the world which of them was interrupted. Figures in sentences, which may move with the moment in
/// which they were taken, are left out here; evidence has them.
///
/// @param audit who did what and why, in order
/// @param evidence of each rollout: step, weight, verdict and what decided, in order
/// @param routing each change of the weights that gateways could fetch, in order
/// @param starts how often each replica's process was started
/// @param told what each receiver of alerts was told, once for each name it was told under, in
///   order
/// @param leftBehind what is kept of rollouts that are over, beyond their evidence
record RunTrace(
    List<String> audit,
    Map<String, List<String>> evidence,
    List<String> rollouts,
    List<String> service,
    List<String> routing,
    List<ReplicaName> running,
    Map<ReplicaName, Integer> starts,
    List<String> told,
    List<String> leftBehind,
    boolean auditVerified) {

  static RunTrace of(ControlWorld world) {
    Map<String, List<String>> evidence = new TreeMap<>();
    world
        .rollouts()
        .forEach(rollout -> {
          String name = rollout.metadata().name();
          evidence.put(name, world.evidence(name).stream().map(RunTrace::describe).toList());
        });
    return new RunTrace(
        world.store.audit(0, 10_000).stream().map(RunTrace::describe).toList(),
        evidence,
        world.rollouts().stream().map(RunTrace::describe).toList(),
        world.services().stream().map(RunTrace::describe).toList(),
        List.copyOf(world.pictures),
        world.provider.running(),
        new TreeMap<>(world.provider.starts()),
        describe(world),
        leftBehind(world),
        AuditVerifier.verify(world.store) instanceof AuditVerifier.Verified);
  }

  private static List<String> describe(ControlWorld world) {
    return world.inbox.events("http://127.0.0.1:9/hooks").stream()
        .collect(
            Collectors.toMap(
                event -> event.path("id").asString(),
                event ->
                    "%s %s %s"
                        .formatted(
                            event.path("data").path("key").asString(),
                            event.path("data").path("status").asString(),
                            withoutFigures(event.path("data").path("summary").asString())),
                (first, again) -> first,
                LinkedHashMap::new))
        .values()
        .stream()
        .toList();
  }

  private static List<String> leftBehind(ControlWorld world) {
    boolean live = world.rollouts().stream().anyMatch(r -> !r.status().phase().terminal());
    return live
        ? List.of()
        : List.of("cohorts", "cohorts.newest", "analysis.begun").stream()
            .flatMap(collection -> world.noted(collection).stream())
            .toList();
  }

  private static String describe(AuditEntry entry) {
    return "%s %s %s: %s"
        .formatted(
            entry.principal(), entry.action(), entry.subject(), withoutFigures(entry.reason()));
  }

  private static String describe(Evidence evidence) {
    return "%d %d %s %s %s %s"
        .formatted(
            evidence.sequence(),
            evidence.step(),
            evidence.weight(),
            evidence.verdict(),
            evidence.decidedBy(),
            withoutFigures(evidence.reason()));
  }

  private static String describe(Rollout rollout) {
    RolloutStatus status = rollout.status();
    return "%s %s %d %s %s %s %s %s"
        .formatted(
            rollout.metadata().name(),
            status.phase().text(),
            status.step(),
            status.weight(),
            status.ending(),
            status.pausedFrom(),
            status.decidedBy(),
            withoutFigures(status.message()));
  }

  private static String describe(Service service) {
    ServiceStatus status = service.status();
    return "%s %s %s %d %s"
        .formatted(
            status.stable(),
            status.rollout(),
            status.failed(),
            status.rollouts(),
            withoutFigures(status.message()));
  }

  private static String withoutFigures(String sentence) {
    return sentence.replaceAll("[0-9]+\\.[0-9]+", "#");
  }
}
