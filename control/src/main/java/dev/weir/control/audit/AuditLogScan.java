// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.audit;

import dev.weir.model.view.AuditContradiction;
import dev.weir.model.view.AuditEntry;
import dev.weir.model.view.AuditReport;
import dev.weir.store.AuditVerifier;
import dev.weir.store.AuditVerifier.Broken;
import dev.weir.store.AuditVerifier.Verified;
import dev.weir.store.Store;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One scan of the whole audit log: checks its hash chain and compares it with the witnesses.
final class AuditLogScan {
  private static final int PAGE = 1_000;

  private final Store store;
  private final List<Witness> witnesses;
  private final Set<Long> wanted = new HashSet<>();
  private final Map<Long, String> hashes = new HashMap<>();
  private final RestoreHistory restoreHistory = new RestoreHistory();

  /// @param witnesses of this store; each has a head
  AuditLogScan(Store store, List<Witness> witnesses) {
    this.store = store;
    this.witnesses = witnesses;
    witnesses.forEach(witness -> wanted.add(witness.head().auditSequence()));
  }

  AuditReport verify() {
    String head = store.auditHead().hash();
    return switch (AuditVerifier.verify(watched(), Optional.of(head))) {
      case Broken(long firstBad, String reason) ->
          new AuditReport(
              firstBad - 1, false, "", Optional.of(firstBad), reason, witnesses.size(), List.of());
      case Verified(long entries, String last) -> compared(entries, last);
    };
  }

  /// The restores that the log records.
  RestoreHistory restoreHistory() {
    watched().forEachRemaining(_ -> {});
    return restoreHistory;
  }

  private Iterator<AuditEntry> watched() {
    Iterator<AuditEntry> log = AuditVerifier.pages(after -> store.audit(after, PAGE));
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return log.hasNext();
      }

      @Override
      public AuditEntry next() {
        AuditEntry entry = log.next();
        restoreHistory.read(entry);
        if (wanted.contains(entry.sequence())) {
          hashes.put(entry.sequence(), entry.hash());
        }
        return entry;
      }
    };
  }

  private AuditReport compared(long entries, String head) {
    List<AuditContradiction> found = new ArrayList<>();
    for (Witness witness : witnesses) {
      String hash = hashes.getOrDefault(witness.head().auditSequence(), "");
      if (!hash.equals(witness.head().auditHead())) {
        found.add(contradiction(witness, hash, entries));
      }
    }
    Optional<AuditContradiction> worst =
        found.stream()
            .filter(contradiction -> !contradiction.acknowledged())
            .min(Comparator.comparingLong(AuditContradiction::sequence));
    return new AuditReport(
        entries,
        worst.isEmpty(),
        head,
        worst.map(c -> Math.min(c.sequence(), entries + 1)),
        worst.map(AuditContradiction::message).orElse(""),
        witnesses.size(),
        found);
  }

  private AuditContradiction contradiction(Witness witness, String found, long entries) {
    long sequence = witness.head().auditSequence();
    Optional<RestoreHistory.Restore> restore = restoreHistory.explaining(sequence);
    String actual =
        found.isEmpty()
            ? "the log ends with entry " + entries
            : "the log's entry has hash " + found;
    String sent =
        "gateway %s was sent entry %d with hash %s, but %s"
            .formatted(witness.gateway(), sequence, witness.head().auditHead(), actual);
    return new AuditContradiction(
        witness.gateway(),
        sequence,
        witness.head().auditHead(),
        found,
        restore.map(RestoreHistory.Restore::sequence),
        restore.map(RestoreHistory.Restore::acknowledged).orElse(false),
        restore.map(r -> sent + "; " + explained(r, sequence)).orElse(sent));
  }

  private static String explained(RestoreHistory.Restore restore, long witnessed) {
    String lost =
        "entry %d records that the store was restored from a backup at %s, so entries %d to %d of the lost store are not in this log"
            .formatted(restore.sequence(), restore.at(), restore.sequence(), witnessed);
    return lost
        + (restore.acknowledged()
            ? " (acknowledged by " + restore.acknowledgedBy() + ")"
            : "; if that is true, acknowledge it with `weir audit acknowledge "
                + restore.sequence()
                + "`");
  }
}
