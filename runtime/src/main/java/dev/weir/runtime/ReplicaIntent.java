// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.ModelVersionSpec.AcceleratorSpec;
import dev.weir.model.spec.ModelVersionSpec.SourceSpec;
import dev.weir.model.value.ReplicaName;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/// The desired state of one replica.
///
/// @param specHash hex hash of everything that affects the process; another hash requires another
///   process
/// @param servedModel the model name that the engine serves
/// @param startupTimeout from the start to the first generated text
/// @param endpoint for `external` targets: the URL of the running engine
/// @param warmUpRequests generations between the first answer and `READY`, so that a cold start is
///   not mistaken for a slow version
/// @param accelerator the accelerators that the replica needs; `process` and `external` ignore it
/// @param source the location of the model files; `process` and `external` ignore it
public record ReplicaIntent(
    ReplicaName name,
    String specHash,
    EngineSpec engine,
    String servedModel,
    Duration startupTimeout,
    Optional<URI> endpoint,
    int warmUpRequests,
    Optional<AcceleratorSpec> accelerator,
    Optional<SourceSpec> source) {}
