// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.policy;

import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.Policy;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.status.RolloutPhase;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Assigns the slots for concurrent releases.
///
/// Releases get slots in the order of their creation. A waiting release keeps its position in the
/// queue of each of its Targets, so that none starves. A release that other guard rails delay is
/// not in the queue. A running release ends by its own deadlines. A paused release has none, so it
/// releases its slot after a time.
final class RolloutSlots {
  private static final int MAX_LISTED = 3;
  private static final Comparator<Entry> IN_ORDER =
      Comparator.comparing((Entry e) -> e.rollout().status().startedAt().orElse(Instant.MIN))
          .thenComparing(e -> e.rollout().ref());

  private final ResourceSnapshot resourceSnapshot;
  private final Instant now;

  /// A Service with its live release.
  private record Entry(Service service, Rollout rollout) {
    boolean on(String target) {
      return service.spec().placements().stream().anyMatch(p -> p.target().equals(target));
    }

    boolean pending() {
      return rollout.status().phase() == RolloutPhase.PENDING;
    }

    String name() {
      return "%s/%s (%s)"
          .formatted(
              rollout.metadata().namespace(),
              rollout.metadata().name(),
              rollout.status().phase().text());
    }
  }

  RolloutSlots(ResourceSnapshot resourceSnapshot, Instant now) {
    this.resourceSnapshot = resourceSnapshot;
    this.now = now;
  }

  /// The reason why there is no slot for a pending release; empty if each policy has a free slot.
  ///
  /// @param queues whether another pending release waits only for a slot
  Optional<String> wanted(Service service, Rollout rollout, Predicate<Rollout> queues) {
    List<Policy> limiting =
        resourceSnapshot.policies().values().stream()
            .filter(policy -> policy.spec().about(service.metadata().namespace()))
            .filter(policy -> limits(policy))
            .toList();
    if (limiting.isEmpty()) {
      return Optional.empty();
    }
    Entry own = new Entry(service, rollout);
    List<Entry> before = before(own, queues);
    return limiting.stream().flatMap(policy -> full(policy, own, before)).findFirst();
  }

  private static boolean limits(Policy policy) {
    var most = policy.spec().maxConcurrentRollouts();
    return most.perTarget() > 0 || most.total() > 0;
  }

  private List<Entry> before(Entry own, Predicate<Rollout> queues) {
    return resourceSnapshot.services().values().stream()
        .flatMap(service ->
            resourceSnapshot.liveRollout(service).map(live -> new Entry(service, live)).stream())
        .filter(entry -> !entry.rollout().ref().equals(own.rollout().ref()))
        .filter(entry ->
            !entry.pending() || (IN_ORDER.compare(entry, own) < 0 && queues.test(entry.rollout())))
        .sorted(IN_ORDER)
        .toList();
  }

  private Stream<String> full(Policy policy, Entry own, List<Entry> before) {
    var most = policy.spec().maxConcurrentRollouts();
    List<Entry> holders =
        before.stream()
            .filter(entry -> policy.spec().about(entry.rollout().metadata().namespace()))
            .filter(entry -> holds(entry, most.whilePaused()))
            .toList();
    Stream<String> total = full(policy, "", most.total(), holders).stream();
    Stream<String> perTarget =
        own.service().spec().placements().stream()
            .map(Placement::target)
            .flatMap(target ->
                full(
                    policy,
                    " on target " + target,
                    most.perTarget(),
                    holders.stream().filter(entry -> entry.on(target)).toList())
                    .stream());
    return Stream.concat(total, perTarget);
  }

  private static Optional<String> full(Policy policy, String where, int most, List<Entry> holders) {
    if (most == 0 || holders.size() < most) {
      return Optional.empty();
    }
    List<Entry> running = holders.stream().filter(entry -> !entry.pending()).toList();
    List<Entry> ahead = holders.stream().filter(Entry::pending).toList();
    return Optional.of(
        "waiting for a slot%s: %d of %d taken%s%s (policy %s)"
            .formatted(
                where,
                Math.min(running.size(), most),
                most,
                named(" by ", running),
                named("; ahead in the queue: ", ahead),
                policy.metadata().name()));
  }

  private static String named(String intro, List<Entry> entries) {
    if (entries.isEmpty()) {
      return "";
    }
    int more = entries.size() - MAX_LISTED;
    return entries.stream()
        .limit(MAX_LISTED)
        .map(Entry::name)
        .collect(Collectors.joining(", ", intro, more > 0 ? " and " + more + " more" : ""));
  }

  private boolean holds(Entry entry, Duration whilePaused) {
    var status = entry.rollout().status();
    return status.phase() != RolloutPhase.PAUSED
        || status.phaseSince().filter(s -> !now.isBefore(s.plus(whilePaused))).isEmpty();
  }
}
