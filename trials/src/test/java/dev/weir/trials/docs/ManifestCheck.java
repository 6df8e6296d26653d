// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import dev.weir.model.codec.Manifests;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// Blocks of YAML are valid manifests, or parts of a Service that are valid in it; blocks of JSON
/// parse.
final class ManifestCheck implements DocumentCheck {
  private static final YAMLMapper YAML = YAMLMapper.builder().build();

  /// What a part of a Service is completed with.
  private static final String SERVICE =
      """
      apiVersion: weir.dev/v1
      kind: Service
      metadata: {name: example}
      spec: {version: example@1, placements: [{target: local}]}
      """;

  @Override
  public Stream<String> problems(MarkdownPage page) {
    return page.blocks().stream().flatMap(ManifestCheck::problems);
  }

  private static Stream<String> problems(MarkdownPage.Block block) {
    try {
      if (block.isOneOf("json")) {
        var _ = JsonMapper.shared().readTree(block.text());
        return Stream.empty();
      }
      return block.isOneOf("yaml", "yml") ? yaml(block.text()) : Stream.empty();
    } catch (JacksonException e) {
      return Stream.of("a block does not parse: " + e.getOriginalMessage());
    }
  }

  private static Stream<String> yaml(String text) {
    List<JsonNode> documents = new ArrayList<>();
    try (MappingIterator<JsonNode> read = YAML.readerFor(JsonNode.class).readValues(text)) {
      read.forEachRemaining(documents::add);
    }
    boolean manifests = documents.stream().allMatch(document -> document.has("apiVersion"));
    String whole = manifests ? text : YAML.writeValueAsString(completed(documents.getFirst()));
    return Manifests.read(whole).problems().stream()
        .map(problem -> "an invalid manifest: " + problem.path() + " " + problem.message());
  }

  private static ObjectNode completed(JsonNode part) {
    ObjectNode service = (ObjectNode) YAML.readTree(SERVICE);
    boolean whole = part.has("spec") || part.has("kind");
    merge(whole ? service : (ObjectNode) service.path("spec"), part);
    return service;
  }

  private static void merge(ObjectNode into, JsonNode part) {
    part.properties()
        .forEach(entry -> {
          if (into.get(entry.getKey()) instanceof ObjectNode known) {
            merge(known, entry.getValue());
          } else {
            into.set(entry.getKey(), entry.getValue());
          }
        });
  }
}
