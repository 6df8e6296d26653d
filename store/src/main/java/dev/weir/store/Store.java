// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import dev.weir.model.AuditEntry;
import dev.weir.model.Kind;
import dev.weir.model.Resource;
import dev.weir.model.ResourceRef;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Resources by revision, each change together with its audit entry, and what came after revision
/// N.
///
/// Thread-safe. Every write is durable when the call returns. One process owns a store (a lock that
/// another process finds taken). Failures of the medium are `StoreException`s and leave no trace.
public interface Store extends AutoCloseable {
  /// Applies all writes and appends the audit entry in one transaction, or does nothing.
  ///
  /// Each write that changes something gets its own new revision, in the order given. A put that
  /// changes neither spec, labels, annotations nor status is `unchanged` and gets none. A commit in
  /// which nothing changed appends no audit entry.
  Commit commit(List<Write> writes, AuditDraft audit);

  /// Appends an audit entry that goes with no change: a denial, a failure.
  AuditEntry record(AuditDraft audit);

  Optional<Resource> get(ResourceRef ref);

  /// All resources of a kind, by namespace and name. An empty namespace means all.
  List<Resource> list(Kind kind, String namespace);

  /// Every stored spec of the resource, newest first, deletions included.
  List<HistoryEntry> history(ResourceRef ref, int limit);

  /// The newest revision.
  long revision();

  /// What happened after a revision, oldest first; never misses or repeats. A write of several
  /// resources may be split over two calls. No kinds means all.
  ///
  /// @throws CompactedException when history up to `after` is gone: list again and watch from there
  List<StoreEvent> changes(long after, Set<Kind> kinds, int limit);

  /// Waits until the newest revision is above `after`, at most `atMost`; ends early when the store
  /// is closed.
  ///
  /// @return the newest revision
  long awaitRevisionAfter(long after, Duration atMost) throws InterruptedException;

  /// Audit entries after a sequence number, oldest first.
  List<AuditEntry> audit(long afterSequence, int limit);

  /// Where the audit log ends.
  AuditHead auditHead();

  /// Which store this is: 32 hex digits, drawn when it was made. It stays for as long as the store
  /// lives, and a restored backup keeps it.
  String identity();

  /// Unaudited, bounded: what was observed. See `Observations`.
  Observations observations();

  /// Unaudited, bounded: where the statistics stand. See `AnalysisStates`.
  AnalysisStates analysis();

  /// A consistent copy of everything, made while the store is in use. Writers do not wait for it.
  Backup backup();

  @Override
  void close();
}
