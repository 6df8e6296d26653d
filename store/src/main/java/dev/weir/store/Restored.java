// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import java.time.Instant;
import java.util.Optional;

/// The content of a restored folder.
///
/// @param identity identity of the store; empty for a backup from before stores had one
/// @param revision the newest revision
/// @param auditEntries number of audit entries in the backup, with a verified chain. The restore
///   appends one more
/// @param schemaVersion schema version of the file; the next start migrates an old one
/// @param weir the version of Weir that wrote it; empty if not recorded
/// @param copiedAt when the backup was made; empty if not recorded
/// @param lastChange time of the newest audit entry; empty when there is none
public record Restored(
    String identity,
    long revision,
    long auditEntries,
    String auditHead,
    int schemaVersion,
    String weir,
    Optional<Instant> copiedAt,
    Optional<Instant> lastChange) {}
