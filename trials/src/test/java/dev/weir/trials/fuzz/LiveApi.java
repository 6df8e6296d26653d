// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The API of the running server, from its own OpenAPI document, so that new routes are attacked
/// too.
final class LiveApi {
  private static final String NAMESPACE = "/api/v1/namespaces/{namespace}/";

  private final JsonNode document;
  private final List<Operation> operations;

  LiveApi(JsonNode document) {
    this.document = document;
    this.operations = operations(document);
  }

  /// @param query name and type of each parameter
  /// @param schema of the body; missing when it takes none, empty when none is promised
  record Operation(String method, String path, Map<String, String> query, JsonNode schema) {
    String key() {
      return method + " " + path;
    }

    boolean internal() {
      return path.startsWith("/internal/");
    }
  }

  private static List<Operation> operations(JsonNode document) {
    List<Operation> all = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        all.add(
            new Operation(
                method.getKey().toUpperCase(Locale.ROOT),
                path.getKey(),
                query(method.getValue()),
                body(method.getValue())));
      }
    }
    return List.copyOf(all);
  }

  private static Map<String, String> query(JsonNode operation) {
    Map<String, String> query = new java.util.TreeMap<>();
    for (JsonNode parameter : operation.path("parameters")) {
      if (parameter.path("in").asString("").equals("query")) {
        query.put(
            parameter.path("name").asString(),
            parameter.path("schema").path("type").asString("string"));
      }
    }
    return query;
  }

  private static JsonNode body(JsonNode operation) {
    JsonNode content = operation.path("requestBody").path("content");
    return content.isEmpty() ? content : content.iterator().next().path("schema");
  }

  List<Operation> operations() {
    return operations;
  }

  /// The target of a `$ref`.
  JsonNode resolved(String reference) {
    return document.at(reference.substring(1));
  }

  /// Paths of the lists of all kinds that users write, global ones included.
  List<String> lists() {
    return operations.stream()
        .filter(operation -> operation.method().equals("PUT"))
        .map(operation -> operation.path().replace("/{name}", ""))
        .filter(path -> path.startsWith(NAMESPACE) || !path.contains("{"))
        .distinct()
        .toList();
  }
}
