// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.audit;

import dev.weir.model.view.AuditEntry;
import dev.weir.store.RestoreEntry;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The restores from a backup that the audit log records, and which of them an operator has
/// acknowledged. An attacker that can rewrite the log can also forge such an entry, so an entry
/// without an acknowledgement does not explain a contradiction.
final class RestoreHistory {
  /// The action of an acknowledgement; its subject is [#subject].
  static final String ACKNOWLEDGE = "audit.acknowledge";

  private static final String SUBJECT = "audit entry ";

  private final TreeMap<Long, Restore> bySequence = new TreeMap<>();

  /// @param sequence of the entry that records the restore
  /// @param acknowledgedBy the principal of the operator; empty until acknowledged
  record Restore(long sequence, Instant at, String acknowledgedBy) {
    boolean acknowledged() {
      return !acknowledgedBy.isEmpty();
    }
  }

  static String subject(long restore) {
    return SUBJECT + restore;
  }

  /// Processes the next entry of the log.
  void read(AuditEntry entry) {
    if (RestoreEntry.is(entry)) {
      bySequence.put(entry.sequence(), new Restore(entry.sequence(), entry.at(), ""));
    } else if (entry.action().equals(ACKNOWLEDGE) && entry.outcome().equals("allowed")) {
      acknowledged(entry);
    }
  }

  private void acknowledged(AuditEntry entry) {
    for (Map.Entry<Long, Restore> known : bySequence.entrySet()) {
      if (entry.subject().equals(subject(known.getKey()))) {
        known.setValue(new Restore(known.getKey(), known.getValue().at(), entry.principal()));
      }
    }
  }

  Optional<Restore> at(long sequence) {
    return Optional.ofNullable(bySequence.get(sequence));
  }

  /// The restore that may explain why the log does not contain a witnessed entry: the newest one
  /// that replaced this entry or an earlier one.
  Optional<Restore> explaining(long witnessed) {
    return Optional.ofNullable(bySequence.floorEntry(witnessed)).map(Map.Entry::getValue);
  }
}
