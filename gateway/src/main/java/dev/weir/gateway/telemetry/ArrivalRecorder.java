// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.CohortMembership;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.SessionUnit;
import dev.weir.gateway.exchange.SnapshotHolder;
import dev.weir.gateway.exchange.VersionDecision;
import dev.weir.snapshot.AnswerContent;
import dev.weir.snapshot.ResponseForm;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.Telemetry.Agreement;
import dev.weir.snapshot.Telemetry.ArrivalSlice;
import dev.weir.snapshot.Telemetry.FastSlice;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.snapshot.Telemetry.RequestRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Records what the statistics of observed rollouts use: arrival slices and request records.
///
/// A request is placed by what it was *drawn* under (its snapshot and the weight of the draw), not
/// by what is served when it is placed. So a slice never mixes weights, even if a swap or the end
/// of the lease happens between the draw and the placement; a late request opens another slice of
/// the old kind if necessary.
final class ArrivalRecorder {
  /// Limit on rollouts whose slice numbers are remembered; no run has that many releases.
  private static final int MAX_ROLLOUTS = 4096;

  private final SteadyClock clock;
  private final SnapshotHolder holder;
  private final RecordChanges changes;
  private final Map<String, RolloutRecorder> recorders = new ConcurrentHashMap<>();
  private final AgreementCounts agreements = new AgreementCounts();
  private final ConcurrentLinkedQueue<ArrivalSlice> closed = new ConcurrentLinkedQueue<>();

  /// @param maxWaitingRecords limit on changed records that wait for the next batch
  ArrivalRecorder(SteadyClock clock, SnapshotHolder holder, int maxWaitingRecords) {
    this.clock = clock;
    this.holder = holder;
    this.changes = new RecordChanges(maxWaitingRecords);
  }

  /// A request that counts.
  ///
  /// @param mirroredPair the request with its copy, if it is mirrored
  record Entered(RequestEntry own, Optional<MirroredPair> mirroredPair) {}

  /// Places a request that counts or joins its session; empty if it would join a session without a
  /// place.
  Optional<Entered> arrived(AdmittedRequest arrival) {
    VersionDecision decision = arrival.decision();
    return decision.membership() == CohortMembership.JOINED
        ? decision.session().flatMap(SessionUnit::place).map(first -> joined(arrival, first))
        : Optional.of(counted(arrival));
  }

  /// Places a unit.
  Entered counted(AdmittedRequest arrival) {
    VersionDecision decision = arrival.decision();
    RolloutRecorder.Place place = recorder(rollout(decision).rollout()).arrive(arrival);
    SessionUnit.Place own = new SessionUnit.Place(place.slice(), place.index());
    decision.session().ifPresent(unit -> unit.setPlace(own));
    return entered(arrival, own, Optional.of(place.window()));
  }

  // Fast windows count requests, not sessions: only the first request counts.
  private Entered joined(AdmittedRequest arrival, SessionUnit.Place first) {
    return entered(arrival, first, Optional.empty());
  }

  /// A mirrored request's copy has the next index.
  private Entered entered(
      AdmittedRequest arrival, SessionUnit.Place place, Optional<FastWindow> window) {
    VersionDecision decision = arrival.decision();
    int quality = arrival.graded() ? Telemetry.NO_GRADE : Telemetry.NOT_GRADED;
    RequestEntry own = entry(newRecord(decision, place, quality, arrival.form()), window);
    if (!decision.mirrored()) {
      return new Entered(own, Optional.empty());
    }
    SessionUnit.Place next = new SessionUnit.Place(place.slice(), place.index() + 1);
    RequestEntry copy = entry(newRecord(decision.ofCopy(), next, quality, arrival.form()), window);
    return new Entered(own, Optional.of(mirroredPair(rollout(decision), copy)));
  }

  private RequestEntry entry(RequestRecord newRecord, Optional<FastWindow> window) {
    RequestEntry entry = new RequestEntry(changes, newRecord, window);
    return newRecord.turn() > 0 || newRecord.form().notStreamed()
        ? entry.reportImmediately()
        : entry;
  }

  private MirroredPair mirroredPair(CanaryArm canary, RequestEntry copy) {
    return new MirroredPair(
        copy, (one, other) -> agreements.add(canary.rollout(), canary.step(), one, other));
  }

  private static CanaryArm rollout(VersionDecision decision) {
    return decision.rollout().orElseThrow();
  }

  private static RequestRecord newRecord(
      VersionDecision decision, SessionUnit.Place place, int quality, ResponseForm form) {
    return new RequestRecord(
        rollout(decision).rollout(),
        place.slice(),
        place.index(),
        decision.toCanary(),
        Outcome.PENDING,
        -1,
        -1,
        -1,
        0,
        false,
        Set.of(),
        decision.turn(),
        quality,
        form,
        AnswerContent.UNKNOWN);
  }

  private RolloutRecorder recorder(String rollout) {
    RolloutRecorder known = recorders.get(rollout);
    return known != null
        ? known
        : recorders.computeIfAbsent(rollout, _ -> new RolloutRecorder(clock, closed::add));
  }

  /// Closes outdated slices and opens those for the current snapshot. Called after each swap and at
  /// each beat; synchronised, so that an older read of the snapshot never undoes a newer one.
  synchronized void align() {
    Map<String, RolloutRecorder.Served> served = served(holder.current(), holder.leaseRuns());
    served.keySet().forEach(this::recorder);
    recorders.forEach(
        (rollout, recorder) -> recorder.align(Optional.ofNullable(served.get(rollout))));
    removeOldest();
  }

  /// Closes everything when the gateway stops.
  synchronized void closeAll() {
    recorders.values().forEach(recorder -> recorder.align(Optional.empty()));
  }

  private static Map<String, RolloutRecorder.Served> served(
      IndexedSnapshot current, boolean leaseRuns) {
    Map<String, RolloutRecorder.Served> served = new HashMap<>();
    for (ServiceEntry service : current.snapshot().services()) {
      for (CanaryArm canary : service.canary()) {
        if (canary.observed()) {
          served.put(
              canary.rollout(),
              new RolloutRecorder.Served(keys(service, canary, leaseRuns), current));
        }
      }
    }
    return served;
  }

  private static List<OpenSlice.Key> keys(
      ServiceEntry service, CanaryArm canary, boolean leaseRuns) {
    List<OpenSlice.Key> keys = new ArrayList<>();
    boolean mirrors = canary.mirrorMillionths() > 0;
    if (!mirrors || canary.weightMillionths() > 0) {
      keys.add(OpenSlice.Key.of(service, canary, leaseRuns ? canary.weightMillionths() : 0));
    }
    if (leaseRuns && mirrors) {
      keys.add(OpenSlice.Key.mirrored(service, canary));
    }
    if (leaseRuns && canary.generated().any()) {
      keys.add(OpenSlice.Key.generated(service, canary));
    }
    return keys;
  }

  private void removeOldest() {
    if (recorders.size() > MAX_ROLLOUTS) {
      recorders.entrySet().stream()
          .filter(entry -> entry.getValue().isIdle())
          .min(Comparator.comparingLong(entry -> entry.getValue().lastUsedNanos()))
          .ifPresent(oldest -> recorders.remove(oldest.getKey()));
    }
  }

  /// The slices closed since the last call.
  List<ArrivalSlice> takeClosed() {
    List<ArrivalSlice> taken = new ArrayList<>();
    for (ArrivalSlice slice = closed.poll(); slice != null; slice = closed.poll()) {
      taken.add(slice);
    }
    return taken;
  }

  /// The completed fast windows since the last call.
  List<FastSlice> takeFast() {
    return recorders.values().stream().flatMap(recorder -> recorder.takeFast().stream()).toList();
  }

  /// Time until the next window with a fast failure of a canary can be reported; 0 if it is due.
  OptionalLong untilFastNanos() {
    return recorders.values().stream()
        .flatMapToLong(recorder -> recorder.untilFastNanos().stream())
        .min();
  }

  /// The agreement of pairs compared since the last call.
  List<Agreement> takeAgreements() {
    return agreements.take();
  }

  /// Records that changed since they were last taken, at most `most`.
  List<RequestRecord> takeRecords(int most) {
    return changes.take(most);
  }

  /// Number of record changes lost since the start because the queue was full.
  long lostRecords() {
    return changes.lost();
  }
}
