// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import dev.weir.simulator.answer.AnswerLimits;
import dev.weir.simulator.answer.ChatMessage;
import dev.weir.simulator.answer.ChatTemplate;
import dev.weir.simulator.answer.ChatTemplate.Ending;
import dev.weir.simulator.answer.TokenIds;
import dev.weir.simulator.answer.Tokenizer;
import dev.weir.simulator.serving.BodyReader.BadField;
import dev.weir.simulator.serving.GenerationRequest.Kind;
import dev.weir.simulator.serving.GenerationRequest.Prompt;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Parses the JSON of `/v1/chat/completions`, `/v1/completions` and `/v1/messages` into a
/// [GenerationRequest], with vLLM's rules and known messages.
final class RequestParser {
  private static final int CHOICES_MAX = 128;
  private static final int COMPLETION_MAX_TOKENS = 16;

  private final ServedModel model;

  RequestParser(ServedModel model) {
    this.model = model;
  }

  /// @param id base of the response's id
  ParseResult parse(Kind kind, JsonNode body, String id) {
    try {
      BodyReader reader = new BodyReader(body);
      checkModel(reader);
      return switch (kind) {
        case CHAT -> chat(reader, "chatcmpl-" + id);
        case COMPLETION -> completion(reader, "cmpl-" + id);
        case MESSAGES -> conversation(reader, "msg_" + id);
      };
    } catch (BadField bad) {
      return bad.error();
    }
  }

  void checkModel(BodyReader reader) {
    String asked = reader.text("model", model.name());
    if (!asked.equals(model.name())) {
      throw new BadField(ApiError.modelNotFound(asked));
    }
  }

  private ParseResult chat(BodyReader reader, String id) {
    List<ChatMessage> messages = messages(reader);
    Ending ending = ending(reader);
    TokenIds tokens = ChatTemplate.render(messages, ending);
    boolean echoes = reader.flag("echo", false) && ending == Ending.OPEN_FINAL_MESSAGE;
    String echo = echoes ? messages.getLast().content() : "";
    String limitName = reader.has("max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
    AnswerLimits limits = limits(reader, limitName, tokens.size(), Integer.MAX_VALUE, 1, "stop");
    return request(Kind.CHAT, id, reader, List.of(new Prompt(tokens, echo, limits)));
  }

  /// Parses Anthropic's format: the system prompt is separate from the messages, and `max_tokens`
  /// is required.
  private ParseResult conversation(BodyReader reader, String id) {
    TokenIds tokens = conversation(reader);
    reader.required("max_tokens");
    AnswerLimits limits =
        limits(reader, "max_tokens", tokens.size(), Integer.MAX_VALUE, 1, "stop_sequences");
    checkSampling(reader);
    return new GenerationRequest(
        Kind.MESSAGES,
        id,
        List.of(new Prompt(tokens, "", limits)),
        1,
        reader.whole("seed", 0, Long.MIN_VALUE, Long.MAX_VALUE),
        reader.flag("stream", false),
        true,
        false,
        false,
        false);
  }

  static TokenIds conversation(BodyReader reader) {
    List<ChatMessage> messages = new ArrayList<>();
    if (reader.has("system")) {
      messages.add(new ChatMessage("system", content(reader, "system")));
    }
    messages.addAll(messages(reader));
    return ChatTemplate.render(messages, Ending.GENERATION_PROMPT);
  }

  static List<ChatMessage> messages(BodyReader reader) {
    JsonNode list = reader.required("messages");
    if (!list.isArray() || list.isEmpty()) {
      throw BodyReader.bad("messages", "messages must be a list with at least one message");
    }
    List<ChatMessage> messages = new ArrayList<>();
    list.forEach(message -> messages.add(message(message)));
    return messages;
  }

  private static ChatMessage message(JsonNode message) {
    BodyReader reader = new BodyReader(message);
    String role = BodyReader.text("role", reader.required("role"));
    StringBuilder content = new StringBuilder(content(reader, "content"));
    if (reader.has("tool_calls")) {
      content.append(message.get("tool_calls"));
    }
    return new ChatMessage(role, content.toString());
  }

  /// Text, or a list of parts.
  private static String content(BodyReader reader, String name) {
    JsonNode given = reader.has(name) ? reader.required(name) : null;
    if (given == null || !given.isArray()) {
      return reader.text(name, "");
    }
    StringBuilder content = new StringBuilder();
    given.forEach(part -> content.append(part(part)));
    return content.toString();
  }

  /// The text of a text part; for images and audio their JSON.
  private static String part(JsonNode part) {
    JsonNode text = part.get("text");
    return text != null && text.isString() ? text.stringValue() : part.toString();
  }

  static Ending ending(BodyReader reader) {
    boolean open = reader.flag("continue_final_message", false);
    boolean generate = reader.flag("add_generation_prompt", true);
    if (open && generate) {
      throw BodyReader.bad(
          "continue_final_message",
          "Cannot set both `continue_final_message` and `add_generation_prompt` to True.");
    }
    if (open) {
      return Ending.OPEN_FINAL_MESSAGE;
    }
    return generate ? Ending.GENERATION_PROMPT : Ending.CLOSED;
  }

  private ParseResult completion(BodyReader reader, String id) {
    boolean echo = reader.flag("echo", false);
    List<Prompt> prompts = new ArrayList<>();
    for (TokenIds tokens : reader.prompts("prompt")) {
      AnswerLimits limits =
          limits(reader, "max_tokens", tokens.size(), COMPLETION_MAX_TOKENS, echo ? 0 : 1, "stop");
      prompts.add(new Prompt(tokens, echo ? decode(tokens) : "", limits));
    }
    return request(Kind.COMPLETION, id, reader, prompts);
  }

  private static String decode(TokenIds tokens) {
    try {
      return Tokenizer.decode(tokens);
    } catch (IllegalArgumentException unknown) {
      throw new BadField(ApiError.badRequest("prompt", String.valueOf(unknown.getMessage())));
    }
  }

  private AnswerLimits limits(
      BodyReader reader, String name, int promptTokens, int fallback, int min, String stopName) {
    int room = model.maxModelLen() - promptTokens;
    if (room < 1) {
      throw BodyReader.bad(
          "input_tokens",
          "This model's maximum context length is "
              + model.maxModelLen()
              + " tokens. However, your request has "
              + promptTokens
              + " input tokens. Please reduce the length of the input messages.");
    }
    long asked = reader.whole(name, Math.min(fallback, room), min, Integer.MAX_VALUE);
    if (asked > room) {
      throw BodyReader.bad(
          name,
          "'max_tokens' or 'max_completion_tokens' is too large: "
              + asked
              + ". This model's maximum context length is "
              + model.maxModelLen()
              + " tokens and your request has "
              + promptTokens
              + " input tokens ("
              + asked
              + " > "
              + model.maxModelLen()
              + " - "
              + promptTokens
              + ").");
    }
    List<String> stops = reader.texts(stopName);
    if (stops.contains("")) {
      throw BodyReader.bad(stopName, stopName + " cannot contain an empty string.");
    }
    return new AnswerLimits(
        (int) asked,
        reader.flag("ignore_eos", false),
        stops,
        reader.flag("include_stop_str_in_output", false));
  }

  private static ParseResult request(
      Kind kind, String id, BodyReader reader, List<Prompt> prompts) {
    checkSampling(reader);
    int choices = (int) reader.whole("n", 1, 1, CHOICES_MAX);
    if (choices * prompts.size() > CHOICES_MAX) {
      throw BodyReader.bad("n", "n must be at most " + CHOICES_MAX);
    }
    boolean stream = reader.flag("stream", false);
    boolean options = reader.has("stream_options");
    if (options && !stream) {
      throw BodyReader.bad(
          "stream_options", "Stream options can only be defined when `stream=True`.");
    }
    BodyReader streaming = options ? new BodyReader(reader.required("stream_options")) : reader;
    return new GenerationRequest(
        kind,
        id,
        prompts,
        choices,
        reader.whole("seed", 0, Long.MIN_VALUE, Long.MAX_VALUE),
        stream,
        options && streaming.flag("include_usage", false),
        options && streaming.flag("continuous_usage_stats", false),
        reader.flag("return_token_ids", false),
        asksForJson(reader));
  }

  private static boolean asksForJson(BodyReader reader) {
    if (!reader.has("response_format")) {
      return false;
    }
    String type = new BodyReader(reader.required("response_format")).text("type", "");
    return type.equals("json_object") || type.equals("json_schema");
  }

  /// Sampling parameters have no effect on a deterministic model, but values that vLLM rejects are
  /// rejected.
  private static void checkSampling(BodyReader reader) {
    reader.number("temperature", 0, Double.MAX_VALUE);
    reader.number("top_p", Double.MIN_VALUE, 1);
    reader.number("presence_penalty", -2, 2);
    reader.number("frequency_penalty", -2, 2);
  }
}
