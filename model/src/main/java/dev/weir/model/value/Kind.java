// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.value;

import java.util.Optional;

/// The catalogue of resource kinds: names in manifests and API paths, scope, writers and apply
/// order. Routes, permissions, OpenAPI and CLI arguments follow from it. The record of a kind is
/// the permitted class of [dev.weir.model.Resource] that has the kind's name.
public enum Kind {
  MODEL("Model", "models", Scope.NAMESPACE, Writers.DEPLOYERS, 0),
  MODEL_VERSION("ModelVersion", "modelversions", Scope.NAMESPACE, Writers.DEPLOYERS, 1),
  SERVICE("Service", "services", Scope.NAMESPACE, Writers.DEPLOYERS, 2),
  ROLLOUT("Rollout", "rollouts", Scope.NAMESPACE, Writers.DEPLOYERS, 3),
  TARGET("Target", "targets", Scope.SHARED, Writers.ADMINISTRATORS, 0),
  ROUTE("Route", "routes", Scope.NAMESPACE, Writers.DEPLOYERS, 3),
  PRINCIPAL("Principal", "principals", Scope.RESTRICTED, Writers.ADMINISTRATORS, 0),
  ROLE_BINDING("RoleBinding", "rolebindings", Scope.NAMESPACE, Writers.ADMINISTRATORS, 3),
  API_KEY("ApiKey", "apikeys", Scope.NAMESPACE, Writers.ADMINISTRATORS, 3),
  ALERT_CHANNEL("AlertChannel", "alertchannels", Scope.RESTRICTED, Writers.ADMINISTRATORS, 0),
  POLICY("Policy", "policies", Scope.SHARED, Writers.ADMINISTRATORS, 0);

  /// Where resources of a kind exist, and where a caller must have a role to read them.
  public enum Scope {
    /// In a namespace; a reader of that namespace may read them.
    NAMESPACE,
    /// Global; a reader of any namespace may read them, because Services of all namespaces use
    /// them.
    SHARED,
    /// Global; only a reader of all namespaces may read them, because they contain personal
    /// addresses.
    RESTRICTED
  }

  /// The callers that may write resources of a kind.
  public enum Writers {
    /// Callers that may deploy: roles deployer and admin.
    DEPLOYERS,
    /// Callers that may administer: role admin.
    ADMINISTRATORS
  }

  /// The only supported API version.
  public static final String API_VERSION = "weir.dev/v1";

  private final String text;
  private final String plural;
  private final Scope scope;
  private final Writers writers;
  private final int applyOrder;

  Kind(String text, String plural, Scope scope, Writers writers, int applyOrder) {
    this.text = text;
    this.plural = plural;
    this.scope = scope;
    this.writers = writers;
    this.applyOrder = applyOrder;
  }

  /// As written in a manifest's `kind`, for example `ModelVersion`.
  public String text() {
    return text;
  }

  /// As written in a path, for example `modelversions`.
  public String plural() {
    return plural;
  }

  /// Whether resources of this kind live in a namespace; global kinds have the empty namespace.
  public boolean namespaced() {
    return scope == Scope.NAMESPACE;
  }

  /// Where resources of this kind exist and can be read.
  public Scope scope() {
    return scope;
  }

  /// The callers that may write resources of this kind.
  public Writers writers() {
    return writers;
  }

  /// The position in a large apply. Each kind refers to kinds of a lower position only; Services
  /// may also refer to each other.
  public int applyOrder() {
    return applyOrder;
  }

  /// Finds a kind by a name that users type: `Service`, `service`, `services`; empty when there is
  /// none.
  public static Optional<Kind> named(String word) {
    for (Kind kind : values()) {
      if (kind.text.equalsIgnoreCase(word) || kind.plural.equalsIgnoreCase(word)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}
