// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.access;

import dev.weir.model.Kind;

/// Where somebody wants to do it.
public sealed interface Scope {
  /// In one namespace.
  record Namespace(String name) implements Scope {}

  /// Everywhere, global kinds included.
  record Everywhere() implements Scope {}

  /// In some namespace at least; the answer is then cut to what the caller may see.
  record Anywhere() implements Scope {}

  Scope EVERYWHERE = new Everywhere();
  Scope ANYWHERE = new Anywhere();

  /// Where reading a kind takes place. Targets are shared by all who place services on them, and
  /// policies hold the releases of all, so whoever may read anything may read them; principals and
  /// alert channels carry people's addresses.
  static Scope reading(Kind kind, String namespace) {
    return switch (kind) {
      case TARGET, POLICY -> ANYWHERE;
      case PRINCIPAL, ALERT_CHANNEL -> EVERYWHERE;
      case MODEL, MODEL_VERSION, SERVICE, ROLLOUT, ROUTE, ROLE_BINDING, API_KEY ->
          new Namespace(namespace);
    };
  }

  /// Where writing a kind takes place.
  static Scope writing(Kind kind, String namespace) {
    return kind.namespaced() ? new Namespace(namespace) : EVERYWHERE;
  }
}
