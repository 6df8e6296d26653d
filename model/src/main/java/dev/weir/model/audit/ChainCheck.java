// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.audit;

import dev.weir.model.AuditEntry;
import java.util.Iterator;
import java.util.Optional;

/// Checks the audit log's chain. A changed, missing, moved or inserted entry breaks it by itself;
/// entries cut off at the end are seen only against a head that somebody witnessed before.
public final class ChainCheck {
  private ChainCheck() {}

  /// How a check went.
  public sealed interface Result {}

  /// @param entries how many there are
  /// @param head the hash of the last, 64 zeros when there is none
  public record Whole(long entries, String head) implements Result {}

  /// @param firstBad where the chain first does not hold; the sequence that is missing, when one is
  public record Broken(long firstBad, String reason) implements Result {}

  /// @param entries the whole log, oldest first
  /// @param witnessedHead a head seen at any earlier time, for example by a gateway: it must be in
  ///   the log
  public static Result of(Iterator<AuditEntry> entries, Optional<String> witnessedHead) {
    long last = 0;
    String head = AuditHash.GENESIS;
    boolean seen = witnessedHead.isEmpty() || witnessedHead.get().equals(head);
    while (entries.hasNext()) {
      AuditEntry entry = entries.next();
      Optional<Broken> broken = next(entry, last + 1, head);
      if (broken.isPresent()) {
        return broken.get();
      }
      last = entry.sequence();
      head = entry.hash();
      seen = seen || head.equals(witnessedHead.orElseThrow());
    }
    return seen
        ? new Whole(last, head)
        : new Broken(
            last + 1,
            "the log ends after entry "
                + last
                + " and does not hold the witnessed head "
                + witnessedHead.orElseThrow()
                + ": entries were cut off or all rewritten");
  }

  /// What is wrong with an entry.
  ///
  /// @param expected the sequence that it should have
  /// @param previous the hash of the entry before it
  public static Optional<Broken> next(AuditEntry entry, long expected, String previous) {
    if (entry.sequence() > expected) {
      return broken(expected, "entry " + expected + " is missing");
    }
    if (entry.sequence() < expected) {
      return broken(
          expected, "entry " + entry.sequence() + " stands where " + expected + " should");
    }
    if (!entry.hash().equals(AuditHash.of(entry))) {
      return broken(expected, "the content of entry " + expected + " does not fit its hash");
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
