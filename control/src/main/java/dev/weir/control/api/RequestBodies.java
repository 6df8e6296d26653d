// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.model.Metadata;
import dev.weir.model.Problem;
import dev.weir.model.Resource;
import dev.weir.model.codec.Json.Read;
import dev.weir.model.codec.Manifests;
import dev.weir.model.codec.ParsedManifests;
import java.util.List;

/// What requests carry, read strictly.
final class RequestBodies {
  private RequestBodies() {}

  /// What was read and what was wrong with it.
  ///
  /// @param resources the readable ones that have an identity
  /// @param problems empty when all of the body can be used
  record Manifest(List<Resource> resources, List<Problem> problems) {
    Manifest {
      resources = List.copyOf(resources);
      problems = List.copyOf(problems);
    }
  }

  /// A body of manifests, YAML or JSON.
  ///
  /// @param namespace of resources that name none
  static Manifest manifest(ApiCall call, String namespace) {
    ParsedManifests parsed =
        Manifests.read(
            ApiJson.utf8(call.body()),
            dev.weir.model.codec.ManifestFormat.AUTO,
            implied(namespace));
    List<Resource> identified =
        parsed.resources().stream().filter(RequestBodies::identified).toList();
    if (parsed.ok() && identified.isEmpty()) {
      throw ProblemException.of(ProblemType.INVALID, "the body holds no resource");
    }
    return new Manifest(identified, parsed.problems());
  }

  /// A small JSON object.
  static <T extends Record> T object(ApiCall call, Class<T> type) {
    String text = ApiJson.utf8(call.body());
    return switch (dev.weir.model.codec.Json.readStrictly(text.isBlank() ? "{}" : text, type)) {
      case Read.Value<T>(T value) -> value;
      case Read.Refused<T>(List<Problem> problems) ->
          throw ProblemException.of(ProblemType.INVALID, problems);
    };
  }

  private static String implied(String namespace) {
    return namespace.isEmpty() ? Metadata.DEFAULT_NAMESPACE : namespace;
  }

  /// A namespace that is wrong for the kind was told as a problem; there is no reference to it.
  private static boolean identified(Resource resource) {
    return resource.kind().namespaced() != resource.metadata().namespace().isEmpty();
  }
}
