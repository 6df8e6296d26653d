// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api.call;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.model.Resource;
import dev.weir.model.codec.Manifests;
import dev.weir.model.value.Problem;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// JSON of responses. Only the codec of module `model` encodes records, so that they look the same
/// everywhere.
public final class ApiJson {
  public static final String CONTENT_TYPE = "application/json";
  public static final String PROBLEM_TYPE = "application/problem+json";

  private static final JsonMapper MAPPER = JsonMapper.shared();

  private ApiJson() {}

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  public static byte[] bytes(JsonNode node) {
    return MAPPER.writeValueAsBytes(node);
  }

  public static String text(JsonNode node) {
    return MAPPER.writeValueAsString(node);
  }

  /// Parses a JSON object that Weir wrote or ships.
  public static ObjectNode own(String text) {
    return (ObjectNode) MAPPER.readTree(text);
  }

  public static ObjectNode resource(Resource resource) {
    return Manifests.toTree(resource);
  }

  public static ArrayNode of(List<? extends Record> records) {
    return dev.weir.model.codec.Json.array(records);
  }

  /// The bytes as UTF-8 text.
  public static String utf8(byte[] bytes) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw ProblemException.of(ProblemType.MALFORMED, "the body is not UTF-8 text");
    }
  }

  /// A problem as in RFC 9457.
  ///
  /// @param requestId the value of `instance`
  public static ObjectNode problem(ProblemException problem, String requestId) {
    ObjectNode node = object();
    node.put("type", problem.type().uri());
    node.put("title", problem.type().title());
    node.put("status", problem.type().status());
    node.put("detail", problem.detail());
    node.put("instance", requestId);
    problem.members().forEach(node::put);
    if (!problem.errors().isEmpty()) {
      ArrayNode errors = node.putArray("errors");
      for (Problem error : problem.errors()) {
        errors
            .addObject()
            .put("path", error.path())
            .put("value", error.value())
            .put("message", error.message());
      }
    }
    return node;
  }
}
