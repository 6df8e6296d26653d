// SPDX-License-Identifier: Apache-2.0

/// The store on one SQLite file: [SqliteStore] is the door. A commit is planned by `CommitPlanner`
/// (pure), written by `CommitWriter` inside one transaction of `Database`, and told to watchers by
/// `RevisionSignal`. `FolderLock`, `Inspection` and `Schema` guard the way in, `Failures` names
/// what went wrong with the medium, `Copies` makes backups and `Restoring` puts one into a new
/// folder.
@NullMarked
package dev.weir.store.sqlite;

import org.jspecify.annotations.NullMarked;
