// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import dev.weir.model.audit.ChainCheck;
import dev.weir.model.view.AuditEntry;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.LongFunction;

/// Verifies the audit log's chain. A changed, missing, moved or inserted entry breaks the chain.
/// Truncation at the end is detected only against a head that was witnessed earlier.
public final class AuditVerifier {
  private static final int PAGE = 1_000;

  private AuditVerifier() {}

  /// The result of a verification.
  public sealed interface Verification {}

  /// @param entries number of entries
  /// @param head hash of the last entry, 64 zeros for an empty log
  public record Verified(long entries, String head) implements Verification {}

  /// @param firstBadSequence sequence number of the first invalid or missing entry
  public record Broken(long firstBadSequence, String reason) implements Verification {}

  /// Verifies a store's whole log against the head that the store itself records.
  public static Verification verify(Store store) {
    String witnessed = store.auditHead().hash();
    return verify(pages(after -> store.audit(after, PAGE)), Optional.of(witnessed));
  }

  /// Reads a log page by page, so that it is never completely in memory.
  ///
  /// @param after returns some entries after a sequence number, oldest first; empty at the end
  public static Iterator<AuditEntry> pages(LongFunction<List<AuditEntry>> after) {
    return new Pages(after);
  }

  /// @param entries the whole log, oldest first
  /// @param witnessedHead a head observed at any earlier time, for example by a gateway; the log
  ///   must contain it
  public static Verification verify(Iterator<AuditEntry> entries, Optional<String> witnessedHead) {
    return switch (ChainCheck.of(entries, witnessedHead)) {
      case ChainCheck.Whole(long count, String head) -> new Verified(count, head);
      case ChainCheck.Broken(long firstBad, String reason) -> new Broken(firstBad, reason);
    };
  }

  private static final class Pages implements Iterator<AuditEntry> {
    private final LongFunction<List<AuditEntry>> after;
    private Iterator<AuditEntry> page = List.<AuditEntry>of().iterator();
    private long last;

    Pages(LongFunction<List<AuditEntry>> after) {
      this.after = after;
    }

    @Override
    public boolean hasNext() {
      if (!page.hasNext()) {
        page = after.apply(last).iterator();
      }
      return page.hasNext();
    }

    @Override
    public AuditEntry next() {
      if (!hasNext()) {
        throw new NoSuchElementException("no entry after " + last);
      }
      AuditEntry entry = page.next();
      last = entry.sequence();
      return entry;
    }
  }
}
