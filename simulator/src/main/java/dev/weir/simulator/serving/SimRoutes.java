// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import dev.weir.simulator.answer.ChatTemplate;
import dev.weir.simulator.answer.TokenIds;
import dev.weir.simulator.answer.Tokenizer;
import dev.weir.simulator.fault.FaultPlan;
import dev.weir.simulator.fault.FaultSampler.SampledFaults;
import dev.weir.simulator.fault.SimulatedFault;
import dev.weir.simulator.serving.BodyReader.BadField;
import dev.weir.simulator.serving.GenerationRequest.Kind;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Routes paths to handlers: vLLM's endpoints, and `/sim/faults` for tests.
final class SimRoutes {
  /// The vLLM release whose behaviour is simulated.
  private static final String VLLM_VERSION = "0.16.0";

  private static final int REQUEST_ID_MAX = 200;

  private final SimulatedModelServer server;
  private final RequestParser parser;

  SimRoutes(SimulatedModelServer server) {
    this.server = server;
    this.parser = new RequestParser(server.model());
  }

  void answer(FullHttpRequest request, Responder responder) {
    String path = path(request);
    if (!authorised(request, path)) {
      responder.json(401, SimJson.object().put("error", "Unauthorized"));
      return;
    }
    if (path.startsWith("/v1/messages")) {
      responder.errorsAs(ApiError::messagesJson);
    }
    switch (path) {
      case "/v1/chat/completions" ->
          post(request, responder, body -> generate(Kind.CHAT, body, request, responder));
      case "/v1/completions" ->
          post(request, responder, body -> generate(Kind.COMPLETION, body, request, responder));
      case "/v1/messages" ->
          post(request, responder, body -> generate(Kind.MESSAGES, body, request, responder));
      case "/v1/messages/count_tokens" ->
          post(request, responder, body -> countTokens(body, responder));
      case "/v1/embeddings" -> post(request, responder, body -> embed(body, request, responder));
      case "/tokenize" -> post(request, responder, body -> tokenize(body, responder));
      case "/detokenize" -> post(request, responder, body -> detokenize(body, responder));
      case "/sim/faults" -> faults(request, responder);
      case "/ping" -> health(responder);
      default -> get(path, request, responder);
    }
  }

  private void get(String path, FullHttpRequest request, Responder responder) {
    String method = request.method().name();
    boolean reads = method.equals("GET") || method.equals("HEAD");
    switch (path) {
      case "/v1/models", "/health", "/version", "/load", "/metrics" -> {
        if (!reads) {
          responder.error(ApiError.plain(405, "Method Not Allowed"));
          return;
        }
      }
      default -> {
        responder.error(ApiError.plain(404, "Not Found"));
        return;
      }
    }
    switch (path) {
      case "/v1/models" -> responder.json(200, models());
      case "/health" -> health(responder);
      case "/version" -> responder.json(200, SimJson.object().put("version", VLLM_VERSION));
      case "/load" -> responder.json(200, SimJson.object().put("server_load", server.inFlight()));
      default ->
          responder.whole(
              200,
              "text/plain; version=0.0.4; charset=utf-8",
              server.metrics().render(server.engine().gauges()));
    }
  }

  private static String path(FullHttpRequest request) {
    int query = request.uri().indexOf('?');
    return query < 0 ? request.uri() : request.uri().substring(0, query);
  }

  private boolean authorised(FullHttpRequest request, String path) {
    Optional<String> key = server.model().apiKey();
    boolean guarded = path.startsWith("/v1") && !request.method().name().equals("OPTIONS");
    return key.isEmpty()
        || !guarded
        || ("Bearer " + key.get()).equals(request.headers().get(HttpHeaderNames.AUTHORIZATION));
  }

  private void health(Responder responder) {
    boolean well = !server.loading() || server.faults().on(SimulatedFault.HEALTH_LIES);
    responder.whole(well ? 200 : 503, "", "");
  }

  private ObjectNode models() {
    ServedModel model = server.model();
    ObjectNode body = SimJson.object().put("object", "list");
    ObjectNode entry = body.putArray("data").addObject();
    entry.put("id", model.name()).put("object", "model").put("created", model.createdSeconds());
    entry.put("owned_by", "vllm").put("root", model.name()).putNull("parent");
    entry.put("max_model_len", model.maxModelLen()).putArray("permission");
    return body;
  }

  /// Handles the body of a POST.
  @FunctionalInterface
  private interface Action {
    void with(JsonNode body);
  }

  private static void post(FullHttpRequest request, Responder responder, Action action) {
    if (!request.method().name().equals("POST")) {
      responder.error(ApiError.plain(405, "Method Not Allowed"));
      return;
    }
    JsonNode body;
    try {
      body = SimJson.MAPPER.readTree(request.content().toString(StandardCharsets.UTF_8));
    } catch (JacksonException malformed) {
      responder.error(ApiError.badRequest("JSON decode error" + at(malformed)));
      return;
    }
    if (!body.isObject()) {
      responder.error(ApiError.badRequest("Input should be a valid dictionary"));
      return;
    }
    try {
      action.with(body);
    } catch (BadField bad) {
      responder.error(bad.error());
    }
  }

  private void generate(Kind kind, JsonNode body, FullHttpRequest request, Responder responder) {
    switch (parser.parse(kind, body, requestId(body, request))) {
      case ApiError error -> responder.error(error);
      case GenerationRequest parsed ->
          admitted(responder).ifPresent(fate -> start(parsed, fate, responder));
    }
  }

  private void start(GenerationRequest parsed, SampledFaults fate, Responder responder) {
    long created = System.currentTimeMillis() / 1000;
    AnswerWriter writer =
        parsed.kind() == Kind.MESSAGES
            ? new MessagesWriter(parsed, server.model())
            : new ChunkWriter(parsed, server.model(), created);
    new GenerationJob(server, parsed, fate, responder, writer).start();
  }

  private void embed(JsonNode body, FullHttpRequest request, Responder responder) {
    BodyReader reader = new BodyReader(body);
    parser.checkModel(reader);
    String id = "embd-" + requestId(body, request);
    EmbeddingJob.Asked parsed = EmbeddingJob.parse(reader, id, server.model());
    admitted(responder)
        .ifPresent(fate -> new EmbeddingJob(server, parsed, fate, responder).start());
  }

  /// Admits a request; empty if it was answered with an error.
  private Optional<SampledFaults> admitted(Responder responder) {
    if (server.loading()) {
      responder.error(ApiError.loading());
      return Optional.empty();
    }
    SampledFaults fate = server.take();
    Optional<ApiError> refusal = refusal(fate);
    refusal.ifPresent(error -> {
      server.leave();
      responder.error(error);
    });
    return refusal.isPresent() ? Optional.empty() : Optional.of(fate);
  }

  private Optional<ApiError> refusal(SampledFaults fate) {
    FaultPlan faults = server.faults();
    if (faults.on(SimulatedFault.HEALTH_LIES)) {
      return Optional.of(ApiError.engineDead());
    }
    if (fate.error()) {
      return Optional.of(
          ApiError.internal(faults.whole(SimulatedFault.ERROR_STATUS), "Internal server error"));
    }
    return fate.reject()
        ? Optional.of(ApiError.overloaded(faults.whole(SimulatedFault.REJECT_STATUS)))
        : Optional.empty();
  }

  private String requestId(JsonNode body, FullHttpRequest request) {
    String header = request.headers().get("x-request-id", "");
    JsonNode field = body.get("request_id");
    String given = field != null && field.isString() ? field.stringValue() : header;
    return given.isEmpty() || given.length() > REQUEST_ID_MAX ? server.newId() : given;
  }

  private void tokenize(JsonNode body, Responder responder) {
    BodyReader reader = new BodyReader(body);
    parser.checkModel(reader);
    TokenIds tokens =
        reader.has("messages")
            ? ChatTemplate.render(RequestParser.messages(reader), RequestParser.ending(reader))
            : Tokenizer.encode(BodyReader.text("prompt", reader.required("prompt")));
    ObjectNode answer = SimJson.object().put("count", tokens.size());
    answer.put("max_model_len", server.model().maxModelLen());
    ArrayNode ids = answer.putArray("tokens");
    for (int id : tokens.toArray()) {
      ids.add(id);
    }
    responder.json(200, answer.putNull("token_strs"));
  }

  private void countTokens(JsonNode body, Responder responder) {
    BodyReader reader = new BodyReader(body);
    parser.checkModel(reader);
    TokenIds tokens = RequestParser.conversation(reader);
    responder.json(200, SimJson.object().put("input_tokens", tokens.size()));
  }

  private static void detokenize(JsonNode body, Responder responder) {
    BodyReader reader = new BodyReader(body);
    TokenIds tokens = BodyReader.ids("tokens", reader.required("tokens"));
    try {
      responder.json(200, SimJson.object().put("prompt", Tokenizer.decode(tokens)));
    } catch (IllegalArgumentException unknown) {
      responder.error(ApiError.badRequest("tokens", String.valueOf(unknown.getMessage())));
    }
  }

  private void faults(FullHttpRequest request, Responder responder) {
    switch (request.method().name()) {
      case "GET" -> showFaults(responder);
      case "DELETE" -> {
        server.setFaults(FaultPlan.NONE);
        showFaults(responder);
      }
      default -> post(request, responder, body -> changeFaults(body, responder));
    }
  }

  /// Merges the settings; `"crash": true` crashes the server immediately.
  private void changeFaults(JsonNode body, Responder responder) {
    Map<String, String> settings = new LinkedHashMap<>();
    body.propertyStream()
        .forEach(entry -> settings.put(entry.getKey(), entry.getValue().asString()));
    boolean crash = Boolean.parseBoolean(settings.remove("crash"));
    try {
      server.setFaults(server.faults().with(settings));
    } catch (IllegalArgumentException bad) {
      responder.error(ApiError.badRequest(String.valueOf(bad.getMessage())));
      return;
    }
    showFaults(responder);
    if (crash) {
      server.crash();
    }
  }

  private void showFaults(Responder responder) {
    ObjectNode all = SimJson.object();
    server.faults().all().forEach(all::put);
    responder.json(200, all);
  }

  private static String at(JacksonException malformed) {
    var place = malformed.getLocation();
    return place == null
        ? ""
        : ": line %d column %d".formatted(place.getLineNr(), place.getColumnNr());
  }
}
