// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.ReplicaName;
import java.net.URI;
import java.time.Instant;
import java.util.Optional;

/// The observed state of a replica.
///
/// @param specHash the spec hash of the running process
/// @param restarts crashes since the replica was created; 3 within the window are a crash loop,
///   shown as `FAILED`
/// @param launch identifies the last start of its process; empty before the first start and on
///   external targets
/// @param since when it entered the state
/// @param reason one line: exit code, last probe error, progress of loading
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
