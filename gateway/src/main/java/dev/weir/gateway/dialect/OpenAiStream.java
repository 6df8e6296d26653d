// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.EventFacts;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.StreamDialect;
import dev.weir.gateway.exchange.Transcript;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// The streams of `/v1/chat/completions` and `/v1/completions`.
final class OpenAiStream implements StreamDialect {
  /// Finish reasons that mean the engine gave up; anything else that is not null ends an answer
  /// legally (engines have their own: `stop`, `length`, `tool_calls`, `content_filter` ...).
  private static final Set<String> ABORTS = Set.of("abort", "error");

  private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.UTF_8);

  private final boolean chat;

  /// @param chat deltas with roles, else plain text
  OpenAiStream(boolean chat) {
    this.chat = chat;
  }

  @Override
  public boolean mustFinish() {
    return true;
  }

  // --- reading

  @Override
  public void read(byte[] data, int length, EventFacts facts) {
    if (isDone(data, length)) {
      facts.end = EventFacts.End.DONE;
      return;
    }
    try (JsonParser parser = Json.FACTORY.createParser(Json.READ, data, 0, length)) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        chunk(parser, facts);
      }
    } catch (JacksonException e) {
      facts.clear();
    }
  }

  private static boolean isDone(byte[] data, int length) {
    int end = length;
    while (end > 0 && data[end - 1] == ' ') {
      end--;
    }
    if (end != DONE.length) {
      return false;
    }
    for (int i = 0; i < end; i++) {
      if (data[i] != DONE[i]) {
        return false;
      }
    }
    return true;
  }

  private static void chunk(JsonParser parser, EventFacts facts) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "id" -> facts.id = text(parser);
        case "created" -> facts.created = value.isNumeric() ? parser.getString() : "";
        case "model" -> facts.model = text(parser);
        case "choices" -> choices(parser, facts);
        case "usage" -> usage(parser, facts);
        case "error" -> error(parser, facts);
        default -> parser.skipChildren();
      }
    }
  }

  private static String text(JsonParser parser) {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return parser.getString();
    }
    parser.skipChildren();
    return "";
  }

  private static void choices(JsonParser parser, EventFacts facts) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      choice(parser, facts);
    }
  }

  private static void choice(JsonParser parser, EventFacts facts) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "delta" -> delta(parser, facts);
        case "text" -> said(text(parser), facts);
        case "finish_reason" -> finish(text(parser), facts);
        case "index" -> facts.beyondText |= value.isNumeric() && parser.getIntValue() != 0;
        case "logprobs" -> beyond(parser, facts);
        default -> parser.skipChildren();
      }
    }
  }

  private static void delta(JsonParser parser, EventFacts facts) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    boolean role = false;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "role" -> role = !text(parser).isEmpty();
        case "content" -> said(text(parser), facts);
        case "reasoning_content", "reasoning", "refusal", "tool_calls", "function_call", "audio" ->
            facts.token |= beyond(parser, facts);
        default -> parser.skipChildren();
      }
    }
    facts.roleOnly = role && !facts.token;
  }

  private static void said(String text, EventFacts facts) {
    if (!text.isEmpty()) {
      facts.token = true;
      facts.text = text;
    }
  }

  /// Whether the value holds anything; if so text alone cannot continue it.
  private static boolean beyond(JsonParser parser, EventFacts facts) {
    boolean something =
        switch (parser.currentToken()) {
          case VALUE_NULL -> false;
          case VALUE_STRING -> !parser.getString().isEmpty();
          case START_ARRAY -> parser.nextToken() != JsonToken.END_ARRAY && skipRest(parser);
          default -> true;
        };
    parser.skipChildren();
    facts.beyondText |= something;
    return something;
  }

  private static boolean skipRest(JsonParser parser) {
    do {
      parser.skipChildren();
    } while (parser.nextToken() != JsonToken.END_ARRAY);
    return true;
  }

  private static void finish(String reason, EventFacts facts) {
    if (ABORTS.contains(reason)) {
      facts.end = EventFacts.End.ABORTED;
    } else if (!reason.isEmpty() && facts.end == EventFacts.End.NONE) {
      facts.end = EventFacts.End.FINISHED;
    }
  }

  private static void usage(JsonParser parser, EventFacts facts) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    facts.usage = true;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (value == JsonToken.VALUE_NUMBER_INT && name.equals("prompt_tokens")) {
        facts.promptTokens = parser.getLongValue();
      } else if (value == JsonToken.VALUE_NUMBER_INT && name.equals("completion_tokens")) {
        facts.outputTokens = parser.getLongValue();
      }
      parser.skipChildren();
    }
  }

  /// vLLM puts the status into `code`.
  private static void error(JsonParser parser, EventFacts facts) {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    facts.end = EventFacts.End.ERROR;
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      boolean code = parser.currentName().equals("code");
      JsonToken value = parser.nextToken();
      if (code && value == JsonToken.VALUE_NUMBER_INT) {
        facts.errorStatus = parser.getIntValue();
      }
      parser.skipChildren();
    }
  }

  // --- writing

  @Override
  public ByteBuf continued(byte[] data, int length, EventFacts facts, Transcript transcript) {
    StringWriter out = new StringWriter(length + 64);
    try (JsonParser parser = Json.FACTORY.createParser(Json.READ, data, 0, length);
        JsonGenerator json = Json.FACTORY.createGenerator(Json.WRITE, out)) {
      parser.nextToken();
      json.writeStartObject();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        continuedField(json, parser, name, transcript);
      }
      if (facts.end == EventFacts.End.FINISHED || facts.usage) {
        mark(json, transcript);
      }
      json.writeEndObject();
    }
    return data(out.toString());
  }

  private static void continuedField(
      JsonGenerator json, JsonParser parser, String name, Transcript transcript) {
    switch (name) {
      case "id" -> json.writeStringProperty("id", transcript.id());
      case "created" -> created(json, transcript);
      case "model" -> json.writeStringProperty("model", transcript.model());
      case "usage" -> {
        boolean given = parser.currentToken() == JsonToken.START_OBJECT;
        parser.skipChildren();
        if (given) {
          usageField(json, transcript, transcript.outputTokens());
        } else {
          json.writeNullProperty("usage");
        }
      }
      case "choices" -> withoutRoles(json, parser);
      default -> {
        json.writeName(name);
        json.copyCurrentStructureExact(parser);
      }
    }
  }

  /// Copies the choices; a client must hear of the role only once.
  private static void withoutRoles(JsonGenerator json, JsonParser parser) {
    json.writeName("choices");
    int depth = 0;
    do {
      if (parser.currentToken() == JsonToken.PROPERTY_NAME && parser.currentName().equals("role")) {
        parser.nextToken();
        parser.skipChildren();
      } else {
        json.copyCurrentEventExact(parser);
      }
      if (parser.currentToken().isStructStart()) {
        depth++;
      } else if (parser.currentToken().isStructEnd()) {
        depth--;
      }
    } while (depth > 0 && parser.nextToken() != null);
  }

  private static void created(JsonGenerator json, Transcript transcript) {
    json.writeName("created");
    if (transcript.created().isEmpty()) {
      json.writeNumber(0);
    } else {
      json.writeNumber(transcript.created());
    }
  }

  @Override
  public ByteBuf lengthFinish(Transcript transcript) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = Json.FACTORY.createGenerator(Json.WRITE, out)) {
      json.writeStartObject();
      identity(json, transcript);
      json.writeName("choices");
      json.writeStartArray();
      json.writeStartObject();
      json.writeNumberProperty("index", 0);
      if (chat) {
        json.writeName("delta");
        json.writeStartObject();
        json.writeEndObject();
      } else {
        json.writeStringProperty("text", "");
      }
      json.writeStringProperty("finish_reason", "length");
      json.writeEndObject();
      json.writeEndArray();
      mark(json, transcript);
      json.writeEndObject();
    }
    return data(out.toString());
  }

  @Override
  public ByteBuf usage(Transcript transcript) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = Json.FACTORY.createGenerator(Json.WRITE, out)) {
      json.writeStartObject();
      identity(json, transcript);
      json.writeName("choices");
      json.writeStartArray();
      json.writeEndArray();
      usageField(json, transcript, transcript.carriedTokens());
      mark(json, transcript);
      json.writeEndObject();
    }
    return data(out.toString());
  }

  private void identity(JsonGenerator json, Transcript transcript) {
    json.writeStringProperty("id", transcript.id());
    json.writeStringProperty("object", chat ? "chat.completion.chunk" : "text_completion");
    created(json, transcript);
    json.writeStringProperty("model", transcript.model());
  }

  private static void usageField(JsonGenerator json, Transcript transcript, long output) {
    json.writeName("usage");
    json.writeStartObject();
    json.writeNumberProperty("prompt_tokens", transcript.promptTokens());
    json.writeNumberProperty("total_tokens", transcript.promptTokens() + output);
    json.writeNumberProperty("completion_tokens", output);
    json.writeEndObject();
  }

  /// Tells whoever looks that this answer was continued.
  private static void mark(JsonGenerator json, Transcript transcript) {
    json.writeName("weir");
    json.writeStartObject();
    json.writeNumberProperty("resumed", transcript.resumes());
    json.writeEndObject();
  }

  @Override
  public ByteBuf done() {
    return data("[DONE]");
  }

  @Override
  public ByteBuf error(Failure failure, String requestId) {
    return data(ErrorBody.openAi(failure));
  }

  static ByteBuf data(String json) {
    return Unpooled.wrappedBuffer(("data: " + json + "\n\n").getBytes(StandardCharsets.UTF_8));
  }
}
