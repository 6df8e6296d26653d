// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import dev.weir.model.EngineSpec;
import dev.weir.model.ReplicaName;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/// One wanted replica.
///
/// @param specHash hex hash of all that shapes the process; another hash is another process
/// @param servedModel the model name that the engine answers to
/// @param startupTimeout from start to the first real generation
/// @param endpoint for `external` targets: where it already runs
/// @param warmUpRequests generations sent after the first answer and before `READY`, so that a cold
///   start is not taken for a slow version
public record ReplicaIntent(
    ReplicaName name,
    String specHash,
    EngineSpec engine,
    String servedModel,
    Duration startupTimeout,
    Optional<URI> endpoint,
    int warmUpRequests) {}
