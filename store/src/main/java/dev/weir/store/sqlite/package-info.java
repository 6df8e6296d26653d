// SPDX-License-Identifier: Apache-2.0

/// The store on one SQLite file; [SqliteStore] is the entry point. `CommitPlanner` (pure) plans a
/// commit, `CommitWriter` writes it inside one transaction of `Database`, and `RevisionSignal`
/// notifies watchers. `FolderLock`, `StoreInspection` and `Schema` check the file at the start,
/// `StoreFailures` explains I/O failures, `DatabaseCopies` makes backups and `StoreRestore`
/// restores them.
@NullMarked
package dev.weir.store.sqlite;

import org.jspecify.annotations.NullMarked;
