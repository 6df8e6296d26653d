// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.observation.ObservationStore;
import dev.weir.control.publication.SnapshotCompiler;
import dev.weir.control.rollout.AnalysisRunner.AnalysisResult;
import dev.weir.control.rollout.machine.RolloutDecision.Finding;
import dev.weir.control.summary.DecisionSentence;
import dev.weir.model.Rollout;
import dev.weir.model.view.Evidence;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The evidence of each decision. It is written before the decision and never deleted.
///
/// A decision names the revision of the rollout that it was made on. A second decision on the same
/// revision (the process died between evidence and transition) replaces the first, because only one
/// of them can be committed. While the rollout still has this revision, no decision was committed,
/// so the evidence is not shown.
final class EvidenceStore {
  private static final String COLLECTION = "evidence";

  private final ObservationStore observationStore;

  /// @param revision of the rollout that the decision was made on
  record Kept(long revision, Evidence evidence) {}

  EvidenceStore(ObservationStore observationStore) {
    this.observationStore = observationStore;
  }

  /// Stores the evidence of a decision about the current revision of the rollout.
  void keep(Rollout rollout, Instant at, Finding finding, Optional<AnalysisResult> analysisResult) {
    List<Kept> kept = kept(rollout);
    int sequence = decided(kept, rollout) ? kept.size() : kept.size() + 1;
    Evidence evidence = EvidenceMapper.of(rollout, sequence, at, finding, analysisResult);
    observationStore.put(COLLECTION, key(rollout, sequence), new Kept(revision(rollout), evidence));
  }

  /// Deletes evidence of a decision on the current revision that was not committed: the next
  /// transition has none.
  void drop(Rollout rollout) {
    List<Kept> kept = kept(rollout);
    if (decided(kept, rollout)) {
      observationStore.delete(COLLECTION, List.of(key(rollout, kept.size())));
    }
  }

  /// The evidence of all committed decisions, oldest first.
  List<Evidence> of(Rollout rollout) {
    return kept(rollout).stream()
        .filter(kept -> kept.revision() < revision(rollout))
        .map(kept -> DecisionSentence.described(rollout, EvidenceMapper.withKinds(kept.evidence())))
        .toList();
  }

  private static boolean decided(List<Kept> kept, Rollout rollout) {
    return !kept.isEmpty() && kept.getLast().revision() == revision(rollout);
  }

  private List<Kept> kept(Rollout rollout) {
    return observationStore
        .list(COLLECTION, SnapshotCompiler.rolloutId(rollout) + "/", Kept.class)
        .stream()
        .map(ObservationStore.StoredObservation::value)
        .toList();
  }

  private static String key(Rollout rollout, int sequence) {
    return "%s/%06d".formatted(SnapshotCompiler.rolloutId(rollout), sequence);
  }

  private static long revision(Rollout rollout) {
    return rollout.metadata().revision();
  }
}
