// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import java.util.List;

/// References to Services in manifests: `name` in the same namespace, otherwise `namespace/name`.
public final class ServiceRefs {
  private ServiceRefs() {}

  /// @param namespace namespace of the resource that contains the reference
  public static ResourceRef of(String name, String namespace) {
    int slash = name.indexOf('/');
    return slash < 0
        ? ResourceRef.of(Kind.SERVICE, namespace, name)
        : ResourceRef.of(Kind.SERVICE, name.substring(0, slash), name.substring(slash + 1));
  }

  /// The Services that a release waits for.
  ///
  /// @param namespace namespace of the released Service
  public static List<ResourceRef> after(ReleaseSpec release, String namespace) {
    return release.after().stream().map(name -> of(name, namespace)).distinct().toList();
  }
}
