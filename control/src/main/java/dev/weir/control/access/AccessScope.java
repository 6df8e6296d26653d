// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.access;

import dev.weir.model.Kind;

/// The scope that a permission is requested for.
public sealed interface AccessScope {
  /// In one namespace.
  record Namespace(String name) implements AccessScope {}

  /// Everywhere, global kinds included.
  record Everywhere() implements AccessScope {}

  /// In some namespace at least; the answer is then cut to what the caller may see.
  record Anywhere() implements AccessScope {}

  AccessScope EVERYWHERE = new Everywhere();
  AccessScope ANYWHERE = new Anywhere();

  /// Where reading a kind takes place. Targets are shared by all who place services on them, and
  /// policies hold the releases of all, so whoever may read anything may read them; principals and
  /// alert channels carry people's addresses.
  static AccessScope reading(Kind kind, String namespace) {
    return switch (kind) {
      case TARGET, POLICY -> ANYWHERE;
      case PRINCIPAL, ALERT_CHANNEL -> EVERYWHERE;
      case MODEL, MODEL_VERSION, SERVICE, ROLLOUT, ROUTE, ROLE_BINDING, API_KEY ->
          new Namespace(namespace);
    };
  }

  /// Where writing a kind takes place.
  static AccessScope writing(Kind kind, String namespace) {
    return kind.namespaced() ? new Namespace(namespace) : EVERYWHERE;
  }
}
