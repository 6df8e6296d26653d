// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/// The answers of `GET /v1/models`.
public final class ModelList {
  private ModelList() {}

  /// @param createdSeconds when the picture was published, since the epoch
  public static byte[] of(List<RouteEntry> routes, long createdSeconds) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = Json.FACTORY.createGenerator(Json.WRITE, out)) {
      json.writeStartObject();
      json.writeStringProperty("object", "list");
      json.writeName("data");
      json.writeStartArray();
      routes.forEach(route -> card(json, route, createdSeconds));
      json.writeEndArray();
      json.writeEndObject();
    }
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  public static byte[] of(RouteEntry route, long createdSeconds) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = Json.FACTORY.createGenerator(Json.WRITE, out)) {
      card(json, route, createdSeconds);
    }
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void card(JsonGenerator json, RouteEntry route, long createdSeconds) {
    json.writeStartObject();
    json.writeStringProperty("id", route.model());
    json.writeStringProperty("object", "model");
    json.writeNumberProperty("created", createdSeconds);
    json.writeStringProperty("owned_by", route.tenant());
    json.writeEndObject();
  }
}
