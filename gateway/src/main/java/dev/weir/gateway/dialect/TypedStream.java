// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.answer.EventContent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Families whose events have a `type`: OpenAI's responses and Anthropic's messages. Read for first
/// output, counts and the end; never continued.
final class TypedStream extends RelayedStream {
  /// The event types of a family.
  record Types(String tokenSuffix, String tokenPrefix, Set<String> ends, Set<String> errors) {}

  static final Types RESPONSES =
      new Types(
          ".delta",
          "response.",
          Set.of("response.completed", "response.incomplete"),
          Set.of("error", "response.failed"));
  static final Types MESSAGES =
      new Types("content_block_delta", "", Set.of("message_stop"), Set.of("error"));

  /// Fields that describe a block or an item of the answer.
  private static final Set<String> BLOCKS = Set.of("content_block", "item");

  /// Blocks and items that are not content by themselves.
  private static final Set<String> SILENT =
      Set.of("text", "message", "thinking", "redacted_thinking", "reasoning");

  private static final Set<String> THOUGHTS = Set.of("thinking_delta", "signature_delta");

  private final Types types;

  TypedStream(Types types) {
    this.types = types;
  }

  @Override
  public void read(byte[] data, int length, EventContent facts) {
    facts.notContinuableFromText = true;
    try (JsonParser parser =
        StreamingJson.FACTORY.createParser(StreamingJson.READ, data, 0, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return;
      }
      String type = "";
      String kind = "";
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("type") && value == JsonToken.VALUE_STRING) {
          type = parser.getString();
          type(type, facts);
        } else if (name.equals("delta")) {
          kind = delta(parser, facts);
        } else if (BLOCKS.contains(name)) {
          block(parser, facts);
        } else if (name.equals("usage")) {
          usage(parser, facts);
        } else if (name.equals("response") || name.equals("message")) {
          nestedUsage(parser, facts);
        } else {
          parser.skipChildren();
        }
      }
      content(type, kind, facts);
    } catch (JacksonException e) {
      facts.clear();
    }
  }

  /// Reasoning is not part of the answer; a delta of unknown kind is.
  private static void content(String type, String kind, EventContent facts) {
    boolean thought = type.startsWith("response.reasoning") || THOUGHTS.contains(kind);
    if (thought) {
      facts.text = "";
    }
    boolean text = type.equals("response.output_text.delta") || kind.equals("text_delta");
    facts.shown |= facts.token && (text ? !facts.text.isBlank() : !thought);
  }

  /// A block or an item of the answer begins. A tool call may consist of nothing else.
  private static void block(JsonParser parser, EventContent facts) {
    facts.shown |= parser.currentToken() == JsonToken.START_OBJECT && called(parser);
    parser.skipChildren();
  }

  private static boolean called(JsonParser parser) {
    boolean call = false;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      boolean type = parser.currentName().equals("type");
      if (parser.nextToken() == JsonToken.VALUE_STRING && type) {
        call = !SILENT.contains(parser.getString());
      }
      parser.skipChildren();
    }
    return call;
  }

  private void type(String type, EventContent facts) {
    facts.limited |= type.equals("response.incomplete");
    facts.refused |= type.startsWith("response.refusal");
    facts.token = type.endsWith(types.tokenSuffix()) && type.startsWith(types.tokenPrefix());
    if (types.ends().contains(type)) {
      facts.end = EventContent.End.FINISHED;
    } else if (types.errors().contains(type)) {
      facts.end = EventContent.End.ERROR;
    }
  }

  /// A text, or an object with a text or a finish reason.
  ///
  /// @return the kind of the delta, may be empty
  private static String delta(JsonParser parser, EventContent facts) {
    String kind = "";
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      facts.text = parser.getString();
    } else if (parser.currentToken() == JsonToken.START_OBJECT) {
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        if (parser.nextToken() == JsonToken.VALUE_STRING) {
          kind = name.equals("type") ? parser.getString() : kind;
          deltaText(name, parser.getString(), facts);
        }
        parser.skipChildren();
      }
    } else {
      parser.skipChildren();
    }
    return kind;
  }

  private static void deltaText(String name, String value, EventContent facts) {
    if (name.equals("text")) {
      facts.text = value;
    } else if (name.equals("stop_reason")) {
      facts.refused = RefusalReasons.isOne(value);
      facts.limited = LengthLimitReasons.isOne(value);
    }
  }

  private static void nestedUsage(JsonParser parser, EventContent facts) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      boolean usage = parser.currentName().equals("usage");
      parser.nextToken();
      if (usage) {
        usage(parser, facts);
      } else {
        parser.skipChildren();
      }
    }
  }

  private static void usage(JsonParser parser, EventContent facts) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (value == JsonToken.VALUE_NUMBER_INT && name.equals("input_tokens")) {
        facts.promptTokens = StreamingJson.count(parser);
      } else if (value == JsonToken.VALUE_NUMBER_INT && name.equals("output_tokens")) {
        facts.usage = true;
        facts.outputTokens = StreamingJson.count(parser);
      }
      parser.skipChildren();
    }
  }

  @Override
  public boolean mustFinish() {
    return true;
  }

  @Override
  public ByteBuf error(Failure failure, String requestId) {
    String json =
        types.equals(MESSAGES) ? ErrorBody.anthropic(failure, requestId) : responsesError(failure);
    return Unpooled.wrappedBuffer(
        ("event: error\ndata: " + json + "\n\n").getBytes(StandardCharsets.UTF_8));
  }

  /// OpenAI's responses stream has the error's fields next to its type.
  private static String responsesError(Failure failure) {
    java.io.StringWriter out = new java.io.StringWriter();
    try (var json = StreamingJson.FACTORY.createGenerator(StreamingJson.WRITE, out)) {
      json.writeStartObject();
      json.writeStringProperty("type", "error");
      json.writeStringProperty("code", failure.kind().code());
      json.writeStringProperty("message", failure.message());
      json.writeNullProperty("param");
      json.writeEndObject();
    }
    return out.toString();
  }
}
