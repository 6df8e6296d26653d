// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import dev.weir.model.value.Default;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Quantity;
import dev.weir.model.value.RefersTo;
import dev.weir.model.value.VersionRef;
import java.time.Duration;
import java.util.Optional;

/// The definition of a version; immutable once stored.
///
/// @param model the Model it belongs to, in the same namespace
/// @param version the version's own name, unique within the model; the resource is named
///   `<model>-<version>`
/// @param servedModel the engine's name for the model, if it differs from the Model's name: one
///   engine may serve two versions under two names, as with LoRA adapters
/// @param startupTimeout time from the start of a replica to its first successful generation; a
///   large model can take minutes to load
public record ModelVersionSpec(
    @RefersTo(Kind.MODEL) String model,
    String version,
    Optional<String> servedModel,
    Optional<SourceSpec> source,
    EngineSpec engine,
    Optional<AcceleratorSpec> accelerator,
    @Default("10m") Duration startupTimeout,
    @Default("{}") LineageSpec lineage) {

  /// @throws IllegalArgumentException when its names are invalid; stored versions have valid names
  public VersionRef ref() {
    return new VersionRef(model, version);
  }

  /// Whether `other` refers to this version; also works for a version with invalid names.
  public boolean matches(VersionRef other) {
    return model.equals(other.model()) && version.equals(other.version());
  }

  /// The model name that the engine accepts.
  public String servedName() {
    return servedModel.orElse(model);
  }

  /// The origin of the weights.
  ///
  /// @param uri location of the weights, for example `hf://acme/chat@<commit>`
  /// @param digest `sha256:` and 64 hex digits, over the canonical manifest (sorted path, size,
  ///   sha256 of each file)
  public record SourceSpec(String uri, Optional<String> digest) {}

  /// The accelerators that one replica needs.
  ///
  /// @param count number of accelerators of that type, 1 or more
  public record AcceleratorSpec(String type, @Default("1") int count, Optional<Quantity> memory) {}

  /// The origin of the version.
  public record LineageSpec(
      Optional<String> commit, Optional<String> trainingRun, Optional<String> createdBy) {}
}
