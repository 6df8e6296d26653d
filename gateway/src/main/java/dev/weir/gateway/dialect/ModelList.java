// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;
import tools.jackson.core.JsonGenerator;

/// The responses of `GET /v1/models`. In addition to OpenAI's fields each model has `ready`:
/// whether a service behind it has a ready replica. Clients ignore the field if they do not know
/// it.
public final class ModelList {
  private ModelList() {}

  /// @param createdSeconds when the snapshot was published, since the epoch
  public static byte[] of(
      List<RouteEntry> routes, long createdSeconds, Predicate<RouteEntry> ready) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = StreamingJson.FACTORY.createGenerator(StreamingJson.WRITE, out)) {
      json.writeStartObject();
      json.writeStringProperty("object", "list");
      json.writeName("data");
      json.writeStartArray();
      routes.forEach(route -> card(json, route, createdSeconds, ready.test(route)));
      json.writeEndArray();
      json.writeEndObject();
    }
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  public static byte[] of(RouteEntry route, long createdSeconds, boolean ready) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = StreamingJson.FACTORY.createGenerator(StreamingJson.WRITE, out)) {
      card(json, route, createdSeconds, ready);
    }
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void card(
      JsonGenerator json, RouteEntry route, long createdSeconds, boolean ready) {
    json.writeStartObject();
    json.writeStringProperty("id", route.model());
    json.writeStringProperty("object", "model");
    json.writeNumberProperty("created", createdSeconds);
    json.writeStringProperty("owned_by", route.tenant());
    json.writeBooleanProperty("ready", ready);
    json.writeEndObject();
  }
}
