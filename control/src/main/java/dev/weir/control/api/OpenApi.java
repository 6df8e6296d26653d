// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.control.access.Permission;
import dev.weir.control.api.call.ApiJson;
import dev.weir.control.api.call.ApiRoute;
import dev.weir.control.api.call.ApiRoute.Requirement;
import dev.weir.control.operations.Acknowledgement;
import dev.weir.model.codec.Schemas;
import dev.weir.model.status.Fault;
import dev.weir.model.value.Kind;
import dev.weir.model.view.AdviceView;
import dev.weir.model.view.AlertTest;
import dev.weir.model.view.AlertView;
import dev.weir.model.view.AuditEntry;
import dev.weir.model.view.AuditReport;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.FaultAnswer;
import dev.weir.model.view.FaultRequest;
import dev.weir.model.view.GatewayView;
import dev.weir.model.view.QueueView;
import dev.weir.model.view.Replayed;
import dev.weir.model.view.ReplicaView;
import dev.weir.model.view.RequestTrace;
import dev.weir.model.view.ServiceView;
import dev.weir.model.view.SettingView;
import dev.weir.model.view.StoreView;
import dev.weir.model.view.SummaryView;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The route table as an OpenAPI 3.1 document. Schemas of resources come from module `model`, those
/// of other responses from `components.json` beside this class.
final class OpenApi {
  private OpenApi() {}

  static ObjectNode document(List<ApiRoute> routes) {
    ObjectNode document = ApiJson.object().put("openapi", "3.1.0");
    document
        .putObject("info")
        .put("title", "Weir control plane")
        .put("version", Kind.API_VERSION.substring(Kind.API_VERSION.indexOf('/') + 1))
        .putObject("license")
        .put("name", "Apache-2.0")
        .put("identifier", "Apache-2.0");
    document.putArray("security").addObject().putArray("key");
    ObjectNode paths = document.putObject("paths");
    routes.forEach(route -> operation(paths, route));
    document.set("components", components());
    return document;
  }

  private static void operation(ObjectNode paths, ApiRoute route) {
    ObjectNode path =
        paths.path(route.template()) instanceof ObjectNode known
            ? known
            : paths.putObject(route.template());
    ObjectNode operation =
        path.putObject(route.method().name().toLowerCase(Locale.ROOT))
            .put("operationId", route.operation())
            .put("summary", route.summary());
    if (route.need() instanceof Requirement.NoKey) {
      operation.putArray("security");
    } else if (route.need() instanceof Requirement.Allowed allowed) {
      Permission permission = allowed.action();
      operation.put(
          "description",
          "Needs permission " + permission.name() + ": " + permission.meaning() + ".");
    }
    parameters(operation, route);
    body(operation, route.body());
    responses(operation, route);
  }

  private static void parameters(ObjectNode operation, ApiRoute route) {
    ArrayNode parameters = ApiJson.array();
    for (String name : route.parameters()) {
      parameters.add(parameter(name, "path", "string").put("required", true));
    }
    for (ApiRoute.Parameter query : route.query()) {
      parameters.add(
          parameter(query.name(), "query", query.type()).put("description", query.description()));
    }
    switch (route.method()) {
      case PUT, DELETE -> parameters.add(header("If-Match", "The expected revision"));
      case POST -> {
        parameters.add(header("If-Match", "The expected revision"));
        parameters.add(
            header("Idempotency-Key", "A repeated request with this key is not executed again"));
      }
      case GET -> {}
    }
    if (!parameters.isEmpty()) {
      operation.set("parameters", parameters);
    }
  }

  private static ObjectNode header(String name, String description) {
    return parameter(name, "header", "string").put("description", description);
  }

  private static ObjectNode parameter(String name, String in, String type) {
    ObjectNode parameter = ApiJson.object().put("name", name).put("in", in);
    parameter.putObject("schema").put("type", type);
    return parameter;
  }

  private static void body(ObjectNode operation, ApiRoute.Body body) {
    if (body.maxBytes() == 0) {
      return;
    }
    ObjectNode content =
        operation.putObject("requestBody").put("required", true).putObject("content");
    body.contentTypes()
        .forEach(type -> content.putObject(type).set("schema", schema(body.schema())));
  }

  private static void responses(ObjectNode operation, ApiRoute route) {
    ObjectNode responses = operation.putObject("responses");
    responses
        .putObject(Integer.toString(route.status()))
        .put("description", "Done")
        .putObject("content")
        .putObject(route.answerType())
        .set("schema", schema(route.answer()));
    responses
        .putObject("default")
        .put("description", "A problem as in RFC 9457")
        .putObject("content")
        .putObject(ApiJson.PROBLEM_TYPE)
        .set("schema", schema("Problem"));
  }

  /// The schema with this name; any value if the name is empty.
  private static ObjectNode schema(String name) {
    return name.isEmpty()
        ? ApiJson.object()
        : ApiJson.object().put("$ref", "#/components/schemas/" + name);
  }

  private static ObjectNode components() {
    ObjectNode components = shipped();
    ObjectNode schemas = (ObjectNode) components.path("schemas");
    for (Kind kind : Kind.values()) {
      schemas.set(kind.text(), MetricNames.added(Schemas.jsonSchema(kind)));
      ObjectNode list = list(kind.text());
      ObjectNode properties = (ObjectNode) list.path("properties");
      properties.putObject("revision").put("type", "integer").put("format", "int64");
      properties.putObject("continue").put("type", "string");
      schemas.set(kind.text() + "List", list);
      schemas.set(kind.text() + "History", history(kind.text()));
    }
    schemas.set("Advice", Schemas.jsonSchema(AdviceView.class));
    schemas.set("Evidence", Schemas.jsonSchema(Evidence.class));
    schemas.set("Summary", Schemas.jsonSchema(SummaryView.class));
    ObjectNode decisions = list("Evidence");
    ((ObjectNode) decisions.path("properties")).set("summary", schema("Summary"));
    schemas.set("EvidenceList", decisions);
    schemas.set("Replayed", Schemas.jsonSchema(Replayed.class));
    schemas.set("ReplayedList", list("Replayed"));
    schemas.set("Replica", Schemas.jsonSchema(ReplicaView.class));
    schemas.set("ReplicaList", list("Replica"));
    ObjectNode ordered = ApiJson.object().put("type", "object");
    ordered.putObject("properties").putObject("message").put("type", "string");
    ((ObjectNode) ordered.path("properties"))
        .putObject("replica")
        .put("$ref", "#/components/schemas/Replica");
    schemas.set("ReplicaAnswer", ordered);
    schemas.set("Fault", Schemas.jsonSchema(Fault.class));
    schemas.set("FaultList", list("Fault"));
    schemas.set("FaultRequest", Schemas.jsonSchema(FaultRequest.class));
    schemas.set("FaultAnswer", Schemas.jsonSchema(FaultAnswer.class));
    schemas.set("Alert", Schemas.jsonSchema(AlertView.class));
    schemas.set("AlertList", list("Alert"));
    schemas.set("AlertTest", Schemas.jsonSchema(AlertTest.class));
    schemas.set("RequestTrace", Schemas.jsonSchema(RequestTrace.class));
    ObjectNode traces = list("RequestTrace");
    strings((ObjectNode) traces.path("properties"), "unanswered");
    schemas.set("RequestTraceList", traces);
    ObjectNode revoked = ApiJson.object().put("type", "object");
    ObjectNode known = revoked.putObject("properties");
    known.putObject("resource").put("$ref", "#/components/schemas/ApiKey");
    strings(known, "acknowledged");
    known
        .putObject("unacknowledged")
        .put("type", "array")
        .set("items", Schemas.jsonSchema(Acknowledgement.Behind.class));
    schemas.set("RevokeAnswer", revoked);
    schemas.set("Serving", Schemas.jsonSchema(ServiceView.class));
    schemas.set("ServingList", list("Serving"));
    schemas.set("Gateway", Schemas.jsonSchema(GatewayView.class));
    schemas.set("GatewayList", list("Gateway"));
    schemas.set("Setting", Schemas.jsonSchema(SettingView.class));
    schemas.set("QueueList", list("Queue"));
    schemas.set("SettingList", list("Setting"));
    schemas.set("Queue", Schemas.jsonSchema(QueueView.class));
    schemas.set("Store", Schemas.jsonSchema(StoreView.class));
    schemas.set("AuditReport", Schemas.jsonSchema(AuditReport.class));
    schemas.set("AuditEntry", Schemas.jsonSchema(AuditEntry.class));
    ObjectNode audit = list("AuditEntry");
    ((ObjectNode) audit.path("properties")).putObject("head").put("type", "string");
    schemas.set("AuditList", audit);
    schemas.set("IssueRequest", Schemas.jsonSchema(IssueRequest.class));
    return components;
  }

  private static void strings(ObjectNode properties, String name) {
    properties.putObject(name).put("type", "array").putObject("items").put("type", "string");
  }

  private static ObjectNode list(String item) {
    ObjectNode list = ApiJson.object().put("type", "object");
    ObjectNode items = list.putObject("properties").putObject("items").put("type", "array");
    items.set("items", schema(item));
    list.putArray("required").add("items");
    return list;
  }

  private static ObjectNode history(String kind) {
    ObjectNode list = ApiJson.object().put("type", "object");
    ObjectNode item =
        list.putObject("properties")
            .putObject("items")
            .put("type", "array")
            .putObject("items")
            .put("type", "object")
            .putObject("properties");
    item.putObject("revision").put("type", "integer").put("format", "int64");
    item.putObject("at").put("type", "string").put("format", "date-time");
    item.putObject("deleted").put("type", "boolean");
    item.set("resource", schema(kind));
    return list;
  }

  private static ObjectNode shipped() {
    try (InputStream in = OpenApi.class.getResourceAsStream("components.json")) {
      if (in == null) {
        throw new IllegalStateException("components.json is missing beside OpenApi in the jar");
      }
      return ApiJson.own(new String(in.readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
