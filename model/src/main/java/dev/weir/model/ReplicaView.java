// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.net.URI;
import java.time.Instant;
import java.util.Optional;

/// A replica as `weir get replicas` shows it.
///
/// @param since when it entered `state`
/// @param order what an operator ordered of it
/// @param reason why it is in that state, one line
public record ReplicaView(
    String name,
    String namespace,
    String service,
    VersionRef version,
    String target,
    ReplicaState state,
    Optional<URI> endpoint,
    Optional<Long> pid,
    int restarts,
    Instant since,
    Optional<ReplicaOrder> order,
    String reason) {}
