// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.util.List;

/// Services as manifests name them: `name` in the same namespace, else `namespace/name`.
public final class ServiceRefs {
  private ServiceRefs() {}

  /// @param namespace of who names it
  public static ResourceRef of(String name, String namespace) {
    int slash = name.indexOf('/');
    return slash < 0
        ? ResourceRef.of(Kind.SERVICE, namespace, name)
        : ResourceRef.of(Kind.SERVICE, name.substring(0, slash), name.substring(slash + 1));
  }

  /// The Services that a release comes after.
  ///
  /// @param namespace of the Service that is released
  public static List<ResourceRef> after(ReleaseSpec release, String namespace) {
    return release.after().stream().map(name -> of(name, namespace)).distinct().toList();
  }
}
