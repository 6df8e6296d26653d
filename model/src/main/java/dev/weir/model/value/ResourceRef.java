// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.value;

import static java.util.Objects.requireNonNull;

/// The identity of a resource: kind, namespace (empty for global kinds) and name.
public record ResourceRef(Kind kind, String namespace, String name)
    implements Comparable<ResourceRef> {
  public ResourceRef {
    requireNonNull(kind, "kind");
    requireNonNull(namespace, "namespace");
    requireNonNull(name, "name");
    if (kind.namespaced() == namespace.isEmpty()) {
      throw new IllegalArgumentException(
          kind.text()
              + (kind.namespaced() ? " needs a namespace: " : " has no namespace: ")
              + name);
    }
  }

  public static ResourceRef of(Kind kind, String namespace, String name) {
    return new ResourceRef(kind, kind.namespaced() ? namespace : "", name);
  }

  @Override
  public int compareTo(ResourceRef other) {
    int byKind = kind.compareTo(other.kind);
    int bySpace = byKind != 0 ? byKind : namespace.compareTo(other.namespace);
    return bySpace != 0 ? bySpace : name.compareTo(other.name);
  }

  /// `Service/default/chat`, or `Target/local` for a global kind.
  @Override
  public String toString() {
    return kind.text() + "/" + (namespace.isEmpty() ? "" : namespace + "/") + name;
  }
}
