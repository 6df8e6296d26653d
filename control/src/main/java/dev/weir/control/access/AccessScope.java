// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.access;

import dev.weir.model.value.Kind;

/// The scope that a permission is requested for.
public sealed interface AccessScope {
  /// In one namespace.
  record Namespace(String name) implements AccessScope {}

  /// Everywhere, global kinds included.
  record Everywhere() implements AccessScope {}

  /// In at least one namespace; the answer then contains only what the caller may see.
  record Anywhere() implements AccessScope {}

  AccessScope EVERYWHERE = new Everywhere();
  AccessScope ANYWHERE = new Anywhere();

  /// The scope that reading a kind needs.
  static AccessScope reading(Kind kind, String namespace) {
    return switch (kind.scope()) {
      case NAMESPACE -> new Namespace(namespace);
      case SHARED -> ANYWHERE;
      case RESTRICTED -> EVERYWHERE;
    };
  }

  /// The scope that writing a kind needs.
  static AccessScope writing(Kind kind, String namespace) {
    return kind.namespaced() ? new Namespace(namespace) : EVERYWHERE;
  }
}
