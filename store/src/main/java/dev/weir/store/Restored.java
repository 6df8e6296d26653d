// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import java.time.Instant;
import java.util.Optional;

/// What a restored folder holds.
///
/// @param identity of the store; empty when the backup is from before stores had one
/// @param revision the newest
/// @param auditEntries how many the backup held; their chain was verified. One more says that it
///   was restored
/// @param schemaVersion of the file; the next start migrates an old one
/// @param weir the version of Weir that wrote it; empty: one that did not say
/// @param copiedAt when the backup was made; empty: by a Weir that did not say
/// @param lastChange the time of the newest audit entry; empty when there is none
public record Restored(
    String identity,
    long revision,
    long auditEntries,
    String auditHead,
    int schemaVersion,
    String weir,
    Optional<Instant> copiedAt,
    Optional<Instant> lastChange) {}
