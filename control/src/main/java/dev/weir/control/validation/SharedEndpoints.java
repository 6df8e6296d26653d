// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.validation;

import dev.weir.model.ModelVersion;
import dev.weir.model.Service;
import dev.weir.model.spec.ExternalEndpoints;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Problem;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Two versions may share an endpoint if the engine serves them under two names (adapters of one
/// base model). Under one name they would be identical, and a release would compare the version
/// with itself.
final class SharedEndpoints {
  private SharedEndpoints() {}

  /// A model name at an endpoint.
  private record EndpointModel(URI endpoint, String name) {}

  static List<Problem> check(
      String path, Service service, Placement placement, ResourceLookup view) {
    var problems = new ArrayList<Problem>();
    Map<EndpointModel, VersionRef> first = new HashMap<>();
    for (Map.Entry<VersionRef, List<URI>> entry : new TreeMap<>(placement.endpoints()).entrySet()) {
      Optional<String> name = servedName(service.metadata().namespace(), entry.getKey(), view);
      for (URI url : name.isEmpty() ? List.<URI>of() : entry.getValue()) {
        EndpointModel model = new EndpointModel(ExternalEndpoints.canonical(url), name.get());
        VersionRef other = first.putIfAbsent(model, entry.getKey());
        if (other != null && !other.equals(entry.getKey())) {
          problems.add(
              new Problem(
                  path + ".endpoints[\"" + entry.getKey() + "\"]",
                  url.toString(),
                  "also serves `%s` for %s, so both versions would be the same; register versions whose spec.servedModel differs, or set an endpoint for each"
                      .formatted(name.get(), other)));
        }
      }
    }
    return problems;
  }

  /// Empty for a version that is not registered yet.
  private static Optional<String> servedName(
      String namespace, VersionRef version, ResourceLookup view) {
    return view.get(ResourceRef.of(Kind.MODEL_VERSION, namespace, version.resourceName()))
        .map(ModelVersion.class::cast)
        .map(found -> found.spec().servedName());
  }
}
