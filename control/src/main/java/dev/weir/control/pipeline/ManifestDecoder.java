// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.pipeline;

import dev.weir.model.Resource;
import dev.weir.model.codec.ManifestFormat;
import dev.weir.model.codec.Manifests;
import dev.weir.model.codec.ParsedManifests;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.Problem;
import java.util.List;
import java.util.Optional;

/// Decodes a body of manifests, YAML or JSON.
final class ManifestDecoder {
  private ManifestDecoder() {}

  /// The content of a body.
  ///
  /// @param resources those that are readable and have a name and a valid namespace
  /// @param problems empty when the whole body is valid
  /// @param warnings uses of retired names
  record Decoded(List<Resource> resources, List<Problem> problems, List<String> warnings) {
    static final Decoded EMPTY = new Decoded(List.of(), List.of(), List.of());

    Decoded {
      resources = List.copyOf(resources);
      problems = List.copyOf(problems);
      warnings = List.copyOf(warnings);
    }

    static Decoded of(List<Resource> resources) {
      return new Decoded(resources, List.of(), List.of());
    }

    /// The refusal of a body that contains no resource.
    Optional<Refusal> empty() {
      return resources.isEmpty() && problems.isEmpty()
          ? Optional.of(new Refusal.WrongBody("the body contains no resource"))
          : Optional.empty();
    }
  }

  /// @param namespace of resources that name none; empty for the default namespace
  static Decoded decode(String body, String namespace) {
    String implied = namespace.isEmpty() ? Metadata.DEFAULT_NAMESPACE : namespace;
    ParsedManifests parsed = Manifests.read(body, ManifestFormat.AUTO, implied);
    return new Decoded(
        parsed.resources().stream().filter(ManifestDecoder::identified).toList(),
        parsed.problems(),
        parsed.warnings());
  }

  /// A namespace that is not valid for the kind is one of the problems; such a resource has no
  /// reference.
  private static boolean identified(Resource resource) {
    return resource.kind().namespaced() != resource.metadata().namespace().isEmpty();
  }
}
