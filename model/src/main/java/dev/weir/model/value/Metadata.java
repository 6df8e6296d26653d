// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.value;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// The metadata of a resource.
///
/// @param namespace empty for global kinds
/// @param revision the global revision of the last write to any part of the resource, 0 before the
///   first; set by the store only
/// @param specRevision the global revision of the last change of `spec`; set by the store only
/// @param createdAt when it was first stored; set by the store only
public record Metadata(
    String namespace,
    String name,
    @Default("{}") Map<String, String> labels,
    @Default("{}") Map<String, String> annotations,
    @Default("0") long revision,
    @Default("0") long specRevision,
    Optional<Instant> createdAt) {

  /// The namespace of resources that do not specify one.
  public static final String DEFAULT_NAMESPACE = "default";

  public Metadata {
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
  }

  public static Metadata of(String namespace, String name) {
    return new Metadata(namespace, name, Map.of(), Map.of(), 0, 0, Optional.empty());
  }

  /// The same metadata as the store writes it.
  public Metadata stored(long revision, long specRevision, Instant createdAt) {
    return new Metadata(
        namespace, name, labels, annotations, revision, specRevision, Optional.of(createdAt));
  }
}
