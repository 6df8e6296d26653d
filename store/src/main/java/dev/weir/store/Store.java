// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import dev.weir.model.Resource;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.view.AuditEntry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Stores resources by revision, each change together with its audit entry, and the changes after a
/// revision.
///
/// Thread-safe. Every write is durable when the call returns. One process owns a store; a lock
/// excludes others. I/O failures are `StoreException`s and change nothing.
public interface Store extends AutoCloseable {
  /// Applies all writes and appends the audit entry in one transaction, or changes nothing.
  ///
  /// Each write that changes something gets its own new revision, in the given order. A put that
  /// changes neither spec, labels, annotations nor status is `unchanged` and gets no revision. A
  /// commit without changes appends no audit entry.
  Commit commit(List<Write> writes, AuditDraft audit);

  /// Appends an audit entry without a change: a denial or a failure.
  AuditEntry record(AuditDraft audit);

  Optional<Resource> get(ResourceRef ref);

  /// All resources of a kind, by namespace and name. An empty namespace means all.
  List<Resource> list(Kind kind, String namespace);

  /// Every stored spec of the resource, newest first, deletions included.
  List<HistoryEntry> history(ResourceRef ref, int limit);

  /// The newest revision.
  long revision();

  /// The changes after a revision, oldest first, without gaps or duplicates. A write of several
  /// resources may be split over two calls. Empty `kinds` means all.
  ///
  /// @throws CompactedException when history up to `after` is compacted: list again and watch from
  ///   the new revision
  List<StoreEvent> changes(long after, Set<Kind> kinds, int limit);

  /// Waits at most `atMost` until the newest revision is above `after`; returns early when the
  /// store is closed.
  ///
  /// @return the newest revision
  long awaitRevisionAfter(long after, Duration atMost) throws InterruptedException;

  /// Audit entries after a sequence number, oldest first.
  List<AuditEntry> audit(long afterSequence, int limit);

  /// The end of the audit log.
  AuditHead auditHead();

  /// The identity of this store: 32 random hex digits, generated at its creation. It never changes,
  /// and a restored backup keeps it.
  String identity();

  /// Observed data, unaudited and bounded. See `Observations`.
  Observations observations();

  /// Analysis states, unaudited and bounded. See `AnalysisStates`.
  AnalysisStates analysis();

  /// A consistent copy of the store. It does not block writers.
  Backup backup();

  @Override
  void close();
}
