// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

/// Manifests that fit together, and one store full of them.
final class SampleManifests {
  private SampleManifests() {}

  static String model(String namespace, String name) {
    return """
    apiVersion: weir.dev/v1
    kind: Model
    metadata: {name: %s, namespace: %s}
    spec: {owner: team@example.com}
    """
        .formatted(name, namespace);
  }

  static String version(String namespace, String model, String version) {
    return """
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: %1$s-%2$s, namespace: %3$s}
    spec:
      model: %1$s
      version: "%2$s"
      engine: {type: sim}
    """
        .formatted(model, version, namespace);
  }

  static String service(String namespace, String name, String version, int replicas) {
    return """
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: %s, namespace: %s}
    spec:
      version: %s
      placements: [{target: local, replicas: %d}]
    """
        .formatted(name, namespace, version, replicas);
  }

  static String route(String namespace, String name, String model, String service) {
    return """
    apiVersion: weir.dev/v1
    kind: Route
    metadata: {name: %s, namespace: %s}
    spec: {model: %s, backends: [{service: %s}]}
    """
        .formatted(name, namespace, model, service);
  }

  static String binding(String namespace, String name, String principal, String role, boolean all) {
    return """
    apiVersion: weir.dev/v1
    kind: RoleBinding
    metadata: {name: %s, namespace: %s}
    spec: {principal: %s, role: %s, allNamespaces: %s}
    """
        .formatted(name, namespace, principal, role, all);
  }

  static String target(String name, String provider) {
    return """
    apiVersion: weir.dev/v1
    kind: Target
    metadata: {name: %s}
    spec: {provider: %s}
    """
        .formatted(name, provider);
  }

  static String all(String... documents) {
    return String.join("---\n", documents);
  }

  /// Model `chat` with versions 1 and 2, Service `chat` on version 1, in namespace `default`.
  static String chat() {
    return all(
        model("default", "chat"),
        version("default", "chat", "1"),
        version("default", "chat", "2"),
        service("default", "chat", "chat@1", 2));
  }
}
