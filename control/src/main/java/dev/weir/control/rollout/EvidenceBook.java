// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.observation.Notes;
import dev.weir.control.publication.SnapshotCompiler;
import dev.weir.control.rollout.AnalysisDesk.Sight;
import dev.weir.control.rollout.Step.Finding;
import dev.weir.model.Evidence;
import dev.weir.model.Rollout;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The evidence of every decision, kept for ever and written before the decision is.
///
/// A decision names the revision of the rollout that it was made on. Made again on the same
/// revision (the process died between evidence and transition) it takes the place of the first:
/// only one of them can have been carried out.
final class EvidenceBook {
  private static final String COLLECTION = "evidence";

  private final Notes notes;

  /// @param revision of the rollout that the decision was made on
  record Kept(long revision, Evidence evidence) {}

  EvidenceBook(Notes notes) {
    this.notes = notes;
  }

  /// Keeps a decision about the rollout as it stands.
  Evidence keep(Rollout rollout, Instant at, Finding finding, Optional<Sight> sight) {
    long revision = rollout.metadata().revision();
    List<Kept> kept = kept(SnapshotCompiler.rolloutId(rollout));
    boolean again = !kept.isEmpty() && kept.getLast().revision() == revision;
    int sequence = again ? kept.size() : kept.size() + 1;
    Evidence evidence = EvidenceForm.of(rollout, sequence, at, finding, sight);
    notes.put(
        COLLECTION,
        "%s/%06d".formatted(SnapshotCompiler.rolloutId(rollout), sequence),
        new Kept(revision, evidence));
    return evidence;
  }

  /// All decisions, oldest first.
  List<Evidence> of(String rolloutId) {
    return kept(rolloutId).stream().map(Kept::evidence).toList();
  }

  private List<Kept> kept(String rolloutId) {
    return notes.list(COLLECTION, rolloutId + "/", Kept.class).stream()
        .map(Notes.Note::value)
        .toList();
  }
}
