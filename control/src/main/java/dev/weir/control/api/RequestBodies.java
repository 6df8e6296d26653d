// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.model.Metadata;
import dev.weir.model.Problem;
import dev.weir.model.Resource;
import dev.weir.model.codec.Json.Read;
import dev.weir.model.codec.Manifests;
import dev.weir.model.codec.ParsedManifests;
import java.util.List;

/// Parses request bodies strictly.
final class RequestBodies {
  private RequestBodies() {}

  /// The parsed resources and the problems.
  ///
  /// @param resources the readable resources that have an identity
  /// @param problems empty if the whole body is valid
  record Manifest(List<Resource> resources, List<Problem> problems) {
    Manifest {
      resources = List.copyOf(resources);
      problems = List.copyOf(problems);
    }
  }

  /// A body of manifests, YAML or JSON.
  ///
  /// @param namespace the default for resources without a namespace
  static Manifest manifest(ApiCall call, String namespace) {
    ParsedManifests parsed =
        Manifests.read(
            ApiJson.utf8(call.body()),
            dev.weir.model.codec.ManifestFormat.AUTO,
            implied(namespace));
    List<Resource> identified =
        parsed.resources().stream().filter(RequestBodies::identified).toList();
    if (parsed.ok() && identified.isEmpty()) {
      throw ProblemException.of(ProblemType.INVALID, "the body contains no resource");
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

  /// A resource with an invalid namespace for its kind has no reference; this is already a problem.
  private static boolean identified(Resource resource) {
    return resource.kind().namespaced() != resource.metadata().namespace().isEmpty();
  }
}
