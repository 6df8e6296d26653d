// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.analysis.metric.ReleaseMetric;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class OpenApiTest {
  @TempDir Path folder;
  private ApiHarness api;

  @BeforeEach
  void start() {
    api = new ApiHarness(folder);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void the_document_is_valid_open_api() {
    String text = api.get("/api/v1/openapi.json").text();
    SwaggerParseResult result =
        new OpenAPIV3Parser().readContents(text, List.of(), new ParseOptions());
    assertThat(result.getMessages()).isNullOrEmpty();
    OpenAPI document = result.getOpenAPI();
    assertThat(document.getOpenapi()).isEqualTo("3.1.0");
    assertThat(document.getPaths())
        .containsKeys("/api/v1/namespaces/{namespace}/services/{name}", "/api/v1/apply");
    assertThat(document.getComponents().getSchemas()).containsKeys("Service", "Problem", "Plan");
  }

  @Test
  void the_settings_are_answered_as_the_document_says() {
    JsonNode document = api.get("/api/v1/openapi.json").json();
    JsonNode setting = document.path("components").path("schemas").path("Setting");
    JsonNode items = api.get("/api/v1/configuration").json().path("items");
    assertThat(items).hasSize(ApiHarness.SETTINGS.size());
    assertThat(items.path(0).propertyNames())
        .containsExactlyInAnyOrderElementsOf(setting.path("properties").propertyNames());
    assertThat(items.path(0).path("value").asString()).isEqualTo("file:/run/key");
  }

  @Test
  void the_schemas_name_each_release_metric() {
    JsonNode schemas = api.get("/api/v1/openapi.json").json().path("components").path("schemas");
    List<String> metrics =
        Arrays.stream(ReleaseMetric.values()).map(ReleaseMetric::manifestName).toList();
    String release = "/properties/spec/properties/release/properties/";
    for (String kind : List.of("Service", "Rollout")) {
      for (String map : List.of("analysis/properties/metrics", "steps/items/properties/metrics")) {
        JsonNode names = schemas.path(kind).at(release + map).path("propertyNames");
        assertThat(names.findValuesAsString("const")).as(kind + " " + map).isEqualTo(metrics);
      }
    }
  }

  @Test
  void the_validation_notices_a_document_that_is_not_valid() {
    String broken =
        api.get("/api/v1/openapi.json").text().replace("\"operationId\"", "\"operation\"");
    SwaggerParseResult result =
        new OpenAPIV3Parser().readContents(broken, List.of(), new ParseOptions());
    assertThat(result.getMessages()).isNotEmpty();
  }

  @Test
  void every_reference_points_at_a_schema_and_every_operation_has_its_own_id() {
    JsonNode document = api.get("/api/v1/openapi.json").json();
    JsonNode schemas = document.path("components").path("schemas");
    assertThat(document.findValuesAsString("$ref"))
        .isNotEmpty()
        .allSatisfy(ref ->
            assertThat(schemas.has(ref.substring("#/components/schemas/".length())))
                .as(ref)
                .isTrue());
    assertThat(document.findValuesAsString("operationId")).doesNotHaveDuplicates();
  }

  @Test
  void each_parameter_in_a_path_is_declared() {
    JsonNode document = api.get("/api/v1/openapi.json").json();
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (JsonNode operation : path.getValue()) {
        List<String> declared =
            operation
                .path("parameters")
                .valueStream()
                .filter(p -> p.path("in").asString().equals("path"))
                .map(p -> "{" + p.path("name").asString() + "}")
                .toList();
        assertThat(declared).allSatisfy(name -> assertThat(path.getKey()).contains(name));
        assertThat(path.getKey().chars().filter(c -> c == '{')).hasSize(declared.size());
      }
    }
  }
}
