// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.audit;

import dev.weir.model.view.AuditEntry;
import java.util.Iterator;
import java.util.Optional;

/// Verifies the audit log's chain. A changed, missing, moved or inserted entry breaks the chain.
/// Truncation at the end is detected only against a head that was witnessed earlier.
public final class ChainCheck {
  private ChainCheck() {}

  /// The result of a check.
  public sealed interface Result {}

  /// @param entries number of entries
  /// @param head hash of the last entry, 64 zeros for an empty log
  public record Whole(long entries, String head) implements Result {}

  /// @param firstBad sequence number of the first invalid or missing entry
  public record Broken(long firstBad, String reason) implements Result {}

  /// @param entries the whole log, oldest first
  /// @param witnessedHead a head observed at any earlier time, for example by a gateway; the log
  ///   must contain it
  public static Result of(Iterator<AuditEntry> entries, Optional<String> witnessedHead) {
    long last = 0;
    String head = AuditHash.GENESIS;
    boolean witnessed = witnessedHead.isEmpty() || witnessedHead.get().equals(head);
    while (entries.hasNext()) {
      AuditEntry entry = entries.next();
      Optional<Broken> broken = next(entry, last + 1, head);
      if (broken.isPresent()) {
        return broken.get();
      }
      last = entry.sequence();
      head = entry.hash();
      witnessed = witnessed || head.equals(witnessedHead.orElseThrow());
    }
    return witnessed
        ? new Whole(last, head)
        : new Broken(
            last + 1,
            "the log ends after entry "
                + last
                + " and does not contain the witnessed head "
                + witnessedHead.orElseThrow()
                + ": entries were removed or rewritten");
  }

  /// Verifies one entry; empty when it is valid.
  ///
  /// @param expected the expected sequence number
  /// @param previous the hash of the previous entry
  public static Optional<Broken> next(AuditEntry entry, long expected, String previous) {
    if (entry.sequence() > expected) {
      return broken(expected, "entry " + expected + " is missing");
    }
    if (entry.sequence() < expected) {
      return broken(expected, "found entry " + entry.sequence() + " instead of entry " + expected);
    }
    if (!entry.hash().equals(AuditHash.of(entry))) {
      return broken(expected, "the content of entry " + expected + " does not match its hash");
    }
    if (!entry.previousHash().equals(previous)) {
      return broken(expected, "entry " + expected + " does not continue the entry before it");
    }
    return Optional.empty();
  }

  private static Optional<Broken> broken(long sequence, String reason) {
    return Optional.of(new Broken(sequence, reason));
  }
}
