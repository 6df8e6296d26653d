// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.time.Duration;
import java.util.Optional;

/// What makes a version what it is; immutable once stored.
///
/// @param model the Model it belongs to, in the same namespace
/// @param version the version's own name, unique within the model; the resource is named
///   `<model>-<version>`
/// @param servedModel what the engine calls the model, where that is not the Model's name: two
///   versions may live in one engine under two names, as LoRA adapters do
/// @param startupTimeout from the start of a replica to its first answered generation; a large
///   model loads for minutes
public record ModelVersionSpec(
    String model,
    String version,
    Optional<String> servedModel,
    Optional<SourceSpec> source,
    EngineSpec engine,
    Optional<AcceleratorSpec> accelerator,
    @Default("10m") Duration startupTimeout,
    @Default("{}") LineageSpec lineage) {

  /// @throws IllegalArgumentException when its names are no right ones; stored versions have such
  public VersionRef ref() {
    return new VersionRef(model, version);
  }

  /// Whether `other` names this version; asked also of one whose own names are no right ones.
  public boolean is(VersionRef other) {
    return model.equals(other.model()) && version.equals(other.version());
  }

  /// The name that the engine answers to.
  public String servedName() {
    return servedModel.orElse(model);
  }

  /// Where the weights come from.
  ///
  /// @param uri for example `hf://acme/chat@<commit>`
  /// @param digest `sha256:` and 64 hex digits, over the canonical manifest (sorted path, size,
  ///   sha256 of each file)
  public record SourceSpec(String uri, Optional<String> digest) {}

  /// What one replica needs.
  ///
  /// @param count accelerators of that type, 1 or more
  public record AcceleratorSpec(String type, @Default("1") int count, Optional<Quantity> memory) {}

  /// Where the version came from.
  public record LineageSpec(
      Optional<String> commit, Optional<String> trainingRun, Optional<String> createdBy) {}
}
