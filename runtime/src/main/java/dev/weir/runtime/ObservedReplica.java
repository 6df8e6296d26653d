// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import dev.weir.model.ReplicaName;
import dev.weir.model.ReplicaState;
import java.net.URI;
import java.time.Instant;
import java.util.Optional;

/// A replica as the provider sees it.
///
/// @param specHash the hash it runs with
/// @param restarts unplanned ends since it was first wanted; 3 within its window is a crash loop,
///   which shows as `FAILED`
/// @param launch names the start of its process, for as long as that is the last one; empty before
///   the first, and where Weir starts nothing
/// @param since when it entered the state
/// @param reason why, one line: exit code, last probe error, progress of loading
public record ObservedReplica(
    ReplicaName name,
    String specHash,
    ReplicaState state,
    Optional<URI> endpoint,
    Optional<Long> pid,
    int restarts,
    String launch,
    Instant since,
    String reason) {}
