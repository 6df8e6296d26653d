// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.audit;

import dev.weir.model.AuditEntry;
import dev.weir.store.RestoreEntry;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The restores from a backup that the audit log tells of, and which of them an operator has
/// acknowledged. Whoever can rewrite the log can write such an entry too, so one that nobody
/// acknowledged explains nothing.
final class RestoreHistory {
  /// The action of an acknowledgement; its subject is [#subject].
  static final String ACKNOWLEDGE = "audit.acknowledge";

  private static final String SUBJECT = "audit entry ";

  private final TreeMap<Long, Restore> bySequence = new TreeMap<>();

  /// @param sequence of the entry that says so
  /// @param acknowledgedBy empty until an operator did
  record Restore(long sequence, Instant at, String acknowledgedBy) {
    boolean acknowledged() {
      return !acknowledgedBy.isEmpty();
    }
  }

  static String subject(long restore) {
    return SUBJECT + restore;
  }

  /// Takes the next entry of the log.
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

  /// The restore that may explain that the log does not hold an entry which was witnessed: the
  /// newest one that replaced it or an entry before it.
  Optional<Restore> explaining(long witnessed) {
    return Optional.ofNullable(bySequence.floorEntry(witnessed)).map(Map.Entry::getValue);
  }
}
