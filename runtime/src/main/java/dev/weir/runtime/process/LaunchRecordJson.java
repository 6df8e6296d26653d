// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.model.codec.Json;
import dev.weir.model.engine.EngineProfileSpec;
import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.EngineType;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.VersionRef;
import dev.weir.runtime.ReplicaIntent;
import dev.weir.runtime.lifecycle.ReplicaLifecycle.Memory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The JSON format of launch records. It contains only the fields of the intent that a process
/// needs.
final class LaunchRecordJson {
  private static final int FORMAT = 1;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private LaunchRecordJson() {}

  static String write(LaunchRecord record) {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", FORMAT);
    root.put("launchId", record.launchId());
    root.put("bootId", record.bootId());
    root.put("port", record.port());
    root.put("startedAt", record.startedAt().toString());
    intent(root.putObject("intent"), record.intent());
    memory(root.putObject("memory"), record.memory());
    return root.toPrettyString();
  }

  private static void intent(ObjectNode node, ReplicaIntent intent) {
    ReplicaName name = intent.name();
    node.put("namespace", name.namespace());
    node.put("service", name.service());
    node.put("model", name.version().model());
    node.put("version", name.version().version());
    node.put("ordinal", name.ordinal());
    node.put("specHash", intent.specHash());
    node.put("engine", intent.engine().type().text());
    intent.engine().profile().ifPresent(profile -> node.set("profile", Json.tree(profile)));
    intent.engine().command().forEach(node.putArray("command")::add);
    intent.engine().args().forEach(node.putArray("args")::add);
    ObjectNode env = node.putObject("env");
    intent.engine().env().forEach(env::put);
    node.put("servedModel", intent.servedModel());
    node.put("startupTimeoutMillis", intent.startupTimeout().toMillis());
    node.put("warmUpRequests", intent.warmUpRequests());
  }

  private static void memory(ObjectNode node, Memory memory) {
    node.put("answered", memory.answered());
    node.put("stopping", memory.stopping());
    node.put("startDue", memory.startDue());
    memory.failure().ifPresent(failure -> node.put("failure", failure));
    node.put("restarts", memory.restarts());
    memory.crashes().forEach(at -> node.withArray("crashes").add(at.toString()));
  }

  /// @throws IllegalArgumentException when the text is not a launch record of this format
  static LaunchRecord read(String text) {
    try {
      JsonNode root = JSON.readTree(text);
      if (root.required("format").asInt() != FORMAT) {
        throw new IllegalArgumentException("launch record of format " + root.get("format"));
      }
      return new LaunchRecord(
          intent(root.required("intent")),
          root.required("launchId").asString(),
          root.required("bootId").asString(),
          root.required("port").asInt(),
          Instant.parse(root.required("startedAt").asString()),
          memory(root.required("memory")));
    } catch (JacksonException | java.time.DateTimeException e) {
      throw new IllegalArgumentException("not a launch record: " + e.getMessage(), e);
    }
  }

  private static ReplicaIntent intent(JsonNode node) {
    return new ReplicaIntent(
        new ReplicaName(
            node.required("namespace").asString(),
            node.required("service").asString(),
            new VersionRef(node.required("model").asString(), node.required("version").asString()),
            node.required("ordinal").asInt()),
        node.required("specHash").asString(),
        new EngineSpec(
            new EngineType(node.required("engine").asString()),
            texts(node.required("command")),
            texts(node.required("args")),
            Optional.empty(),
            variables(node.required("env")),
            profile(node)),
        node.required("servedModel").asString(),
        Duration.ofMillis(node.required("startupTimeoutMillis").asLong()),
        Optional.empty(),
        node.required("warmUpRequests").asInt(),
        Optional.empty(),
        Optional.empty());
  }

  private static Memory memory(JsonNode node) {
    return new Memory(
        node.required("answered").asBoolean(),
        node.required("stopping").asBoolean(),
        node.path("startDue").asBoolean(false),
        node.path("failure").asStringOpt(),
        node.required("restarts").asInt(),
        texts(node.path("crashes")).stream().map(Instant::parse).toList());
  }

  private static Optional<EngineProfileSpec> profile(JsonNode intent) {
    return intent.has("profile")
        ? Optional.of(Json.read(intent.get("profile"), EngineProfileSpec.class))
        : Optional.empty();
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(item -> texts.add(item.asString()));
    return texts;
  }

  private static Map<String, String> variables(JsonNode object) {
    Map<String, String> variables = new LinkedHashMap<>();
    object.properties().forEach(each -> variables.put(each.getKey(), each.getValue().asString()));
    return variables;
  }
}
