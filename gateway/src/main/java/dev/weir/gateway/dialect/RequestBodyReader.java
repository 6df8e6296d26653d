// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.ParsedRequest;
import dev.weir.gateway.exchange.answer.ResumeConstraints;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;

/// Reads from a JSON body what the gateway needs, in one streaming pass. Unknown fields are
/// skipped, and the bytes are never changed.
public final class RequestBodyReader {
  /// Fields that make an answer more than its text; see [ParsedRequest#continuable()].
  private static final Set<String> FORBID =
      Set.of(
          "logprobs",
          "top_logprobs",
          "prompt_logprobs",
          "return_tokens_as_token_ids",
          "guided_json",
          "guided_regex",
          "guided_choice",
          "guided_grammar",
          "structured_outputs",
          "json_schema",
          "regex",
          "ebnf",
          "grammar",
          "use_beam_search",
          "echo",
          "suffix",
          "modalities",
          "audio",
          "continue_final_message",
          "functions",
          "prompt_embeds");

  /// Response format types that are JSON.
  private static final Set<String> JSON = Set.of("json_object", "json_schema");

  /// Fields that contain the requested JSON schema.
  private static final Set<String> SCHEMAS = Set.of("guided_json", "json_schema");

  /// Limits on the number and length of stop strings searched across the seam of a continued
  /// answer.
  private static final int MAX_STOPS = 64;

  private static final int MAX_STOP = 1024;

  /// The result of reading a body.
  public sealed interface Result {
    record Read(ParsedRequest parsedRequest) implements Result {}

    /// @param message for the client
    record Unreadable(String message) implements Result {}
  }

  private final ApiFamily family;
  private final byte[] bytes;
  private final Set<String> fieldsRead = new HashSet<>();
  private String model = "";
  private int modelStart;
  private int modelEnd;
  private boolean stream;
  private boolean includeUsage;
  private boolean continuousUsage;
  private boolean continuable;
  private boolean jsonRequested;
  private boolean greedy;
  private boolean fromText = true;
  private final Traceable trace;
  private final List<String> stops = new ArrayList<>();
  private boolean stopShown;
  private long maxTokens = -1;
  private boolean limitNamed;

  private RequestBodyReader(ApiFamily family, byte[] bytes) {
    this.family = family;
    this.bytes = bytes;
    this.continuable = family.continuable();
    this.trace = new Traceable(bytes.length);
  }

  /// Reads a body by its content type: JSON, or the `model` field of a multipart form.
  public static Result read(ApiFamily family, String contentType, ByteBuf body) {
    byte[] bytes = new byte[body.readableBytes()];
    body.getBytes(body.readerIndex(), bytes);
    if (contentType.regionMatches(true, 0, "multipart/form-data", 0, 19)) {
      return MultipartModelReader.read(contentType, bytes);
    }
    return readJson(family, bytes);
  }

  /// Reads a body that is JSON.
  public static Result readJson(ApiFamily family, byte[] bytes) {
    return new RequestBodyReader(family, bytes).read();
  }

  /// The parser's own message contains class names and quotes the body.
  private static String describe(JacksonException e) {
    if (e instanceof StreamConstraintsException) {
      return "the body is nested too deeply, or has a name or number that is too long";
    }
    if (e instanceof UnexpectedEndOfInputException) {
      return "the body is not valid JSON: it ends before its object is complete";
    }
    TokenStreamLocation location = e.getLocation();
    return location == null
        ? "the body is not valid JSON"
        : "the body is not valid JSON: see line %d, column %d"
            .formatted(location.getLineNr(), location.getColumnNr());
  }

  private Result read() {
    if (!isUtf8()) {
      return new Result.Unreadable("the body must be JSON in UTF-8");
    }
    try (JsonParser parser = StreamingJson.FACTORY.createParser(StreamingJson.READ, bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return new Result.Unreadable("the body must be a JSON object");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        if (!field(name, parser)) {
          return new Result.Unreadable("duplicate field '" + name + "' in the body");
        }
      }
      if (parser.nextToken() != null) {
        return new Result.Unreadable("the body has data after the JSON object");
      }
    } catch (JacksonException e) {
      return new Result.Unreadable(describe(e));
    }
    if (model.isEmpty()) {
      return new Result.Unreadable("the field 'model' is missing or not a string");
    }
    return new Result.Read(
        new ParsedRequest(
            model,
            modelStart,
            modelEnd,
            true,
            stream,
            stream && continuable && fromText && trace.ids() != ParsedRequest.TokenIdRequest.WANTED,
            stream && continuable && trace.isTraceable() && maxTokens >= 0 && allShown(),
            trace.ids(),
            jsonRequested,
            greedy,
            new ResumeConstraints(
                includeUsage, continuousUsage, maxTokens, limitNamed, stops, stopShown)));
  }

  /// Engines report the ids of a potential stop string before its text, unless the stop string
  /// itself is included in the output.
  private boolean allShown() {
    return stops.isEmpty() || stopShown;
  }

  /// UTF-16 and UTF-32 are recognised by their byte order mark or first character; the parser would
  /// accept them.
  private boolean isUtf8() {
    for (int i = 0; i < Math.min(4, bytes.length); i++) {
      int next = bytes[i] & 0xff;
      if (next == 0 || next >= 0xfe) {
        return false;
      }
    }
    return true;
  }

  /// @return false if a field that the gateway uses is a duplicate: two readers could disagree on
  ///   it
  private boolean field(String name, JsonParser parser) {
    boolean interpreted = true;
    switch (name) {
      case "model" -> model(parser);
      case "stream" -> stream = isTrue(parser);
      case "stream_options" -> streamOptions(parser);
      case "n", "best_of" -> continuable &= isNull(parser) || isNumber(parser, 1);
      case "max_tokens", "max_completion_tokens" -> maxTokens(parser);
      case "stop" -> stops(parser);
      case "include_stop_str_in_output" -> stopShown = isTrue(parser);
      case "response_format" -> responseFormat(parser);
      case "text" -> textOptions(parser);
      case "tool_choice" -> toolChoice(parser);
      case "add_generation_prompt" -> continuable &= parser.currentToken() != JsonToken.VALUE_FALSE;
      case "prompt" -> prompt(parser);
      case "messages" -> messages(parser);
      case "return_token_ids" -> trace.wanted(parser, used(parser));
      case "tools" -> trace.tools(parser, used(parser));
      default -> {
        interpreted = false;
        boolean used = used(parser);
        continuable &= !used || !FORBID.contains(name);
        jsonRequested |= used && SCHEMAS.contains(name);
        if (name.equals("temperature")) {
          greedy = isZero(parser);
        }
        trace.field(name, parser, used);
      }
    }
    return !interpreted || fieldsRead.add(name);
  }

  private void model(JsonParser parser) {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      parser.skipChildren();
      return;
    }
    modelStart = (int) parser.currentTokenLocation().getByteOffset();
    model = parser.getString();
    modelEnd = (int) parser.currentLocation().getByteOffset();
  }

  private void streamOptions(JsonParser parser) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "include_usage" -> includeUsage = isTrue(parser);
        case "continuous_usage_stats" -> continuousUsage = isTrue(parser);
        default -> parser.skipChildren();
      }
    }
  }

  private void maxTokens(JsonParser parser) {
    limitNamed = true;
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      long value = Math.min(parser.getLongValue(), StreamingJson.MAX_TOKENS);
      maxTokens = maxTokens < 0 ? value : Math.min(maxTokens, value);
    }
    parser.skipChildren();
  }

  /// A string or a list of strings.
  private void stops(JsonParser parser) {
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        stop(parser);
      }
    } else {
      stop(parser);
    }
  }

  private void stop(JsonParser parser) {
    String stop = parser.currentToken() == JsonToken.VALUE_STRING ? parser.getString() : "";
    parser.skipChildren();
    continuable &= stop.length() <= MAX_STOP && stops.size() < MAX_STOPS;
    if (!stop.isEmpty() && continuable) {
      stops.add(stop);
    }
  }

  /// Only plain text can be continued.
  private void responseFormat(JsonParser parser) {
    if (isNull(parser)) {
      return;
    }
    String type = type(parser);
    continuable &= type.equals("text");
    jsonRequested |= JSON.contains(type);
  }

  /// The response format of the responses API.
  private void textOptions(JsonParser parser) {
    if (family != ApiFamily.RESPONSES || parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      boolean format = parser.currentName().equals("format");
      parser.nextToken();
      if (format) {
        jsonRequested |= JSON.contains(type(parser));
      } else {
        parser.skipChildren();
      }
    }
  }

  /// The `type` of an object; empty when it has none.
  private static String type(JsonParser parser) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return "";
    }
    String type = "";
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      boolean named = parser.currentName().equals("type");
      if (parser.nextToken() == JsonToken.VALUE_STRING && named) {
        type = parser.getString();
      }
      parser.skipChildren();
    }
    return type;
  }

  /// A forced tool call is structured output.
  private void toolChoice(JsonParser parser) {
    if (isNull(parser)) {
      return;
    }
    String choice = parser.currentToken() == JsonToken.VALUE_STRING ? parser.getString() : "";
    continuable &= choice.equals("auto") || choice.equals("none");
    trace.toolChoice(choice);
    parser.skipChildren();
  }

  private void prompt(JsonParser parser) {
    if (family == ApiFamily.COMPLETIONS) {
      fromText = parser.currentToken() == JsonToken.VALUE_STRING;
      trace.prompt(parser);
    }
    parser.skipChildren();
  }

  private void messages(JsonParser parser) {
    if (family == ApiFamily.CHAT) {
      continuable &= parser.currentToken() == JsonToken.START_ARRAY;
    }
    if (family == ApiFamily.CHAT && continuable) {
      trace.messages(parser);
    } else {
      parser.skipChildren();
    }
  }

  private static boolean isTrue(JsonParser parser) {
    boolean set = parser.currentToken() == JsonToken.VALUE_TRUE;
    parser.skipChildren();
    return set;
  }

  private static boolean isZero(JsonParser parser) {
    JsonToken token = parser.currentToken();
    return token != null && token.isNumeric() && parser.getDoubleValue() == 0;
  }

  private static boolean isNull(JsonParser parser) {
    return parser.currentToken() == JsonToken.VALUE_NULL;
  }

  private static boolean isNumber(JsonParser parser, long value) {
    return parser.currentToken() == JsonToken.VALUE_NUMBER_INT && parser.getLongValue() == value;
  }

  private static boolean used(JsonParser parser) {
    return !isNull(parser) && parser.currentToken() != JsonToken.VALUE_FALSE;
  }
}
