// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Valid resources that refer to each other, from a small pool of names, so that many writes meet
/// existing resources. Targets are `external` with unreachable endpoints, so no process is started.
final class Manifest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final List<String> MODELS = List.of("chat", "search", "code");
  private static final List<String> VERSIONS = List.of("1", "2", "3");

  private final RandomGenerator random;
  private final String namespace;

  Manifest(RandomGenerator random, String namespace) {
    this.random = random;
    this.namespace = namespace;
  }

  /// One to four resources that belong together, in an order that works.
  List<ObjectNode> set() {
    String model = pick(MODELS);
    String version = pick(VERSIONS);
    List<ObjectNode> all = new ArrayList<>();
    all.add(target());
    all.add(model(model));
    all.add(version(model, version));
    all.add(service(model, version));
    if (random.nextInt(4) == 0) {
      all.add(route(model));
    }
    if (random.nextInt(3) == 0) {
      return new ArrayList<>(all.subList(random.nextInt(all.size()), all.size()));
    }
    return all;
  }

  ObjectNode any() {
    String model = pick(MODELS);
    return switch (random.nextInt(8)) {
      case 0 -> target();
      case 1 -> model(model);
      case 2 -> version(model, pick(VERSIONS));
      case 3, 4 -> service(model, pick(VERSIONS));
      case 5 -> route(model);
      case 6 -> principal();
      default -> binding();
    };
  }

  private ObjectNode target() {
    return read(
        """
        {"apiVersion": "weir.dev/v1", "kind": "Target", "metadata": {"name": "%s-out"},
         "spec": {"provider": "external", "region": "eu-1", "capacity": {"H100": 8}}}
        """
            .formatted(namespace));
  }

  private ObjectNode model(String name) {
    return read(
        """
        {"apiVersion": "weir.dev/v1", "kind": "Model",
         "metadata": {"name": "%s", "namespace": "%s", "labels": {"team": "t%d"}},
         "spec": {"owner": "team@example.com", "licence": "apache-2.0", "intendedUse": "support"}}
        """
            .formatted(name, namespace, random.nextInt(3)));
  }

  private ObjectNode version(String model, String version) {
    return read(
        """
        {"apiVersion": "weir.dev/v1", "kind": "ModelVersion",
         "metadata": {"name": "%1$s-%2$s", "namespace": "%3$s"},
         "spec": {"model": "%1$s", "version": "%2$s", "startupTimeout": "15m",
          "engine": {"type": "vllm", "args": ["--max-model-len", "8192"], "env": {"A": "b"}},
          "accelerator": {"type": "H100", "count": 1},
          "lineage": {"commit": "3f2c1d0"}}}
        """
            .formatted(model, version, namespace));
  }

  private ObjectNode service(String model, String version) {
    return read(
        """
        {"apiVersion": "weir.dev/v1", "kind": "Service",
         "metadata": {"name": "%1$s", "namespace": "%2$s"},
         "spec": {"version": "%1$s@%3$s",
          "placements": [{"target": "%2$s-out", "replicas": 1, "endpoints":
            {"%1$s@%3$s": ["http://127.0.0.1:9"]}}],
          "release": {"strategy": "canary", "steps": [{"weight": 5}, {"weight": %4$d}],
           "analysis": {"alpha": 0.01, "minStepDuration": "2m", "metrics": {"ttft": {"tolerance": "10%%"}}}},
          "traffic": {"timeouts": {"firstToken": "10s"}, "retries": {"budget": "20%%"}, "resume": true}}}
        """
            .formatted(model, namespace, version, 10 + random.nextInt(60)));
  }

  private ObjectNode route(String model) {
    return read(
        """
        {"apiVersion": "weir.dev/v1", "kind": "Route",
         "metadata": {"name": "r-%1$s", "namespace": "%2$s"},
         "spec": {"model": "%2$s-%1$s", "backends": [{"service": "%1$s"}]}}
        """
            .formatted(model, namespace));
  }

  private ObjectNode principal() {
    return read(
        """
        {"apiVersion": "weir.dev/v1", "kind": "Principal", "metadata": {"name": "%s-p%d"},
         "spec": {"type": "user"}}
        """
            .formatted(namespace, random.nextInt(3)));
  }

  private ObjectNode binding() {
    return read(
        """
        {"apiVersion": "weir.dev/v1", "kind": "RoleBinding",
         "metadata": {"name": "b%d", "namespace": "%s"},
         "spec": {"principal": "%s-p%d", "role": "viewer"}}
        """
            .formatted(random.nextInt(3), namespace, namespace, random.nextInt(3)));
  }

  private static ObjectNode read(String text) {
    JsonNode tree = JSON.readTree(text);
    return (ObjectNode) tree;
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }
}
