// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.answer.EventContent;
import dev.weir.gateway.exchange.answer.TokenIdList;
import java.util.Set;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads one chunk of a `/v1/chat/completions` or `/v1/completions` stream, or an error in its
/// place.
final class ChunkReader {
  /// Finish reasons that mean the engine aborted the answer. Any other reason is a normal end
  /// (engines define their own: `stop`, `length`, `tool_calls`, `content_filter` ...).
  private static final Set<String> ABORTS = Set.of("abort", "error");

  private final JsonParser parser;
  private final EventContent facts;

  ChunkReader(JsonParser parser, EventContent facts) {
    this.parser = parser;
    this.facts = facts;
  }

  /// @return false if this is not a JSON object, or if something follows it
  boolean read() {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      return false;
    }
    chunk();
    return parser.nextToken() == null;
  }

  private void chunk() {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "id" -> facts.id = text();
        case "created" -> facts.created = value.isNumeric() ? parser.getString() : "";
        case "model" -> facts.model = text();
        case "choices" -> choices();
        case "usage" -> usage();
        case "error" -> error();
        case "prompt_token_ids" -> ids(facts.promptIds);
        default -> parser.skipChildren();
      }
    }
  }

  private String text() {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return parser.getString();
    }
    parser.skipChildren();
    return "";
  }

  private void choices() {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      facts.choice = true;
      choice();
      facts.notContinuableFromText |= facts.otherChoice;
    }
  }

  private void choice() {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "delta" -> delta();
        case "text" -> addText(text());
        case "finish_reason" -> finish(text());
        case "index" -> facts.otherChoice |= value.isNumeric() && parser.getIntValue() != 0;
        case "logprobs" -> beyond();
        case "token_ids" -> ids(facts.tokenIds);
        case "prompt_token_ids" -> ids(facts.promptIds);
        default -> parser.skipChildren();
      }
    }
  }

  private void delta() {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    boolean role = false;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "role" -> role = !text().isEmpty();
        case "content" -> content();
        case "refusal" -> {
          facts.refused = beyond();
          shown(facts.refused);
        }
        case "tool_calls" -> shown(facts.followCalls ? calls() : beyond());
        case "function_call", "audio" -> shown(beyond());
        case "reasoning_content", "reasoning" -> facts.token |= beyond();
        default -> parser.skipChildren();
      }
    }
    facts.roleOnly = role && !facts.token;
  }

  /// vLLM reports the prompt's ids beside the choices of a chat, but inside the choice of a
  /// completion.
  private void ids(TokenIdList into) {
    facts.hasTokenIdFields = true;
    if (!facts.followIds || parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
          && parser.getNumberType() == JsonParser.NumberType.INT) {
        into.add(parser.getIntValue());
      } else {
        into.invalidate();
        parser.skipChildren();
      }
    }
  }

  private void content() {
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      shown(beyond());
    } else {
      addText(text());
    }
  }

  private void shown(boolean present) {
    facts.token |= present;
    facts.shown |= present;
  }

  private void addText(String text) {
    facts.shown |= !text.isBlank();
    if (!text.isEmpty()) {
      facts.token = true;
      facts.text = text;
    }
  }

  /// Whether the value is not empty; if so, text alone cannot continue the answer.
  private boolean beyond() {
    boolean present =
        switch (parser.currentToken()) {
          case VALUE_NULL -> false;
          case VALUE_STRING -> !parser.getString().isEmpty();
          case START_ARRAY -> parser.nextToken() != JsonToken.END_ARRAY && skipRest();
          default -> true;
        };
    parser.skipChildren();
    facts.notContinuableFromText |= present;
    return present;
  }

  private boolean calls() {
    boolean any = ToolCalls.read(parser, facts);
    facts.notContinuableFromText |= any;
    return any;
  }

  private boolean skipRest() {
    do {
      parser.skipChildren();
    } while (parser.nextToken() != JsonToken.END_ARRAY);
    return true;
  }

  private void finish(String reason) {
    facts.refused |= RefusalReasons.isOne(reason);
    facts.limited |= LengthLimitReasons.isOne(reason);
    if (ABORTS.contains(reason)) {
      facts.end = EventContent.End.ABORTED;
    } else if (!reason.isEmpty() && facts.end == EventContent.End.NONE) {
      facts.end = EventContent.End.FINISHED;
      facts.stopped = reason.equals("stop");
    }
  }

  private void usage() {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    facts.usage = true;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (value == JsonToken.VALUE_NUMBER_INT && name.equals("prompt_tokens")) {
        facts.promptTokens = StreamingJson.count(parser);
      } else if (value == JsonToken.VALUE_NUMBER_INT && name.equals("completion_tokens")) {
        facts.outputTokens = StreamingJson.count(parser);
      }
      parser.skipChildren();
    }
  }

  /// vLLM reports the status in `code`.
  private void error() {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    facts.end = EventContent.End.ERROR;
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
}
