// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.value;

import java.util.Optional;

/// The kinds of resource, with their names in manifests and API paths.
public enum Kind {
  MODEL("Model", "models", true),
  MODEL_VERSION("ModelVersion", "modelversions", true),
  SERVICE("Service", "services", true),
  ROLLOUT("Rollout", "rollouts", true),
  TARGET("Target", "targets", false),
  ROUTE("Route", "routes", true),
  PRINCIPAL("Principal", "principals", false),
  ROLE_BINDING("RoleBinding", "rolebindings", true),
  API_KEY("ApiKey", "apikeys", true),
  ALERT_CHANNEL("AlertChannel", "alertchannels", false),
  POLICY("Policy", "policies", false);

  /// The only supported API version.
  public static final String API_VERSION = "weir.dev/v1";

  private final String text;
  private final String plural;
  private final boolean namespaced;

  Kind(String text, String plural, boolean namespaced) {
    this.text = text;
    this.plural = plural;
    this.namespaced = namespaced;
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
    return namespaced;
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
