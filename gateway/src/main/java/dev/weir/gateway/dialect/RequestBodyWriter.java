// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.ParsedRequest;
import dev.weir.gateway.exchange.answer.Continuation;
import dev.weir.gateway.exchange.answer.ResumeConstraints;
import dev.weir.gateway.exchange.answer.TokenIdList;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.io.JsonStringEncoder;

/// Creates the request body for a replica from the client's body.
public final class RequestBodyWriter {
  private static final byte[] IDS_REQUESTED =
      "\"return_token_ids\":true,".getBytes(StandardCharsets.US_ASCII);

  private static final ByteBuf IDS_FIELD =
      Unpooled.unreleasableBuffer(
          Unpooled.copiedBuffer("return_token_ids", StandardCharsets.US_ASCII).asReadOnly());

  /// Fields that are meaningless or mean something else beside a prompt of token ids.
  private static final Set<String> PROMPT_FIELDS =
      Set.of(
          "prompt",
          "messages",
          "tools",
          "tool_choice",
          "parallel_tool_calls",
          "functions",
          "function_call",
          "response_format",
          "logprobs",
          "top_logprobs",
          "reasoning_effort",
          "include_reasoning",
          "thinking_token_budget",
          "separate_reasoning",
          "stream_reasoning",
          "chat_template",
          "chat_template_kwargs",
          "documents",
          "echo",
          "add_generation_prompt",
          "continue_final_message",
          "add_special_tokens",
          "truncate_prompt_tokens",
          "truncation_side",
          "return_prompt_text",
          "modalities",
          "audio",
          "prediction",
          "store",
          "metadata",
          "web_search_options",
          "return_token_ids",
          "max_tokens",
          "max_completion_tokens");

  private RequestBodyWriter() {}

  /// The client's bytes, with the model name replaced if the engine serves another name. The caller
  /// owns the result.
  public static ByteBuf body(ByteBuf original, ParsedRequest parsedRequest, String servedModel) {
    if (servedModel.equals(parsedRequest.model())) {
      return original.retainedDuplicate();
    }
    String value =
        parsedRequest.json()
            ? '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(servedModel)) + '"'
            : servedModel;
    int from = original.readerIndex();
    int end = from + parsedRequest.modelEnd();
    return Unpooled.wrappedBuffer(
        original.retainedSlice(from, parsedRequest.modelStart()),
        Unpooled.wrappedBuffer(value.getBytes(StandardCharsets.UTF_8)),
        original.retainedSlice(end, original.writerIndex() - end));
  }

  /// Same as [#body], and requests token ids. Only for JSON bodies that do not contain this field.
  public static ByteBuf bodyWithIds(
      ByteBuf original, ParsedRequest parsedRequest, String servedModel) {
    ByteBuf body = body(original, parsedRequest, servedModel);
    int start = body.readerIndex();
    int inside = body.indexOf(start, body.writerIndex(), (byte) '{') + 1;
    return Unpooled.wrappedBuffer(
        body.readRetainedSlice(inside - start), Unpooled.wrappedBuffer(IDS_REQUESTED), body);
  }

  /// Whether an engine's error mentions the field that requests token ids.
  public static boolean namesIds(ByteBuf error) {
    return ByteBufUtil.indexOf(IDS_FIELD, error) >= 0;
  }

  /// The request that continues a broken answer on another replica. For a chat, the text so far
  /// becomes the last assistant message (the generation prompt is switched off, because engines
  /// reject it together with `continue_final_message`). For a completion, the text is appended to
  /// the prompt. Token limits are reduced by what was already sent.
  ///
  /// @param resumeConstraints includes the first replica's default limit if the request has none
  public static ByteBuf continuation(
      ByteBufAllocator allocator,
      ByteBuf original,
      ApiFamily family,
      Continuation continuation,
      ResumeConstraints resumeConstraints,
      String servedModel) {
    ByteBuf out = allocator.buffer(original.readableBytes() + continuation.text().length() + 256);
    return rewritten(
        original,
        out,
        (json, parser, name) -> field(json, parser, name, continuation, servedModel),
        json -> {
          if (family == ApiFamily.CHAT) {
            json.writeBooleanProperty("continue_final_message", true);
            json.writeBooleanProperty("add_generation_prompt", false);
          }
          if (continuation.usageOnly()) {
            json.writeNumberProperty("max_tokens", 1);
          } else if (!resumeConstraints.limitNamed() && resumeConstraints.maxTokens() >= 0) {
            json.writeNumberProperty(
                "max_tokens", left(resumeConstraints.maxTokens(), continuation));
          }
        });
  }

  /// The request that continues from token ids. It goes to `/v1/completions` for either API, so
  /// neither a chat template nor a tokenizer can change what was already generated. All sampling
  /// fields are retained.
  ///
  /// @param maxTokens the client's limit
  public static ByteBuf continuationOf(
      ByteBufAllocator allocator,
      ByteBuf original,
      TokenIdList ids,
      Continuation continuation,
      long maxTokens,
      String servedModel) {
    ByteBuf out = allocator.buffer(8 * ids.size() + 256);
    return rewritten(
        original,
        out,
        (json, parser, name) -> {
          if (PROMPT_FIELDS.contains(name)) {
            parser.skipChildren();
          } else {
            field(json, parser, name, continuation, servedModel);
          }
        },
        json -> {
          json.writeName("prompt");
          ids(json, ids);
          json.writeNumberProperty("max_tokens", left(maxTokens, continuation));
          json.writeBooleanProperty("return_token_ids", true);
        });
  }

  /// The remaining limit; engines require more than 0.
  private static long left(long maxTokens, Continuation continuation) {
    return Math.max(1, maxTokens - continuation.tokens());
  }

  /// Writes one field.
  @FunctionalInterface
  private interface Field {
    void write(JsonGenerator json, JsonParser parser, String name);
  }

  /// @param end writes additional fields
  private static ByteBuf rewritten(
      ByteBuf original, ByteBuf out, Field fields, Consumer<JsonGenerator> end) {
    try (InputStream in = new ByteBufInputStream(original.duplicate());
        JsonParser parser = StreamingJson.FACTORY.createParser(StreamingJson.READ, in);
        OutputStream sink = new ByteBufOutputStream(out);
        JsonGenerator json = StreamingJson.FACTORY.createGenerator(StreamingJson.WRITE, sink)) {
      parser.nextToken();
      json.writeStartObject();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        fields.write(json, parser, name);
      }
      end.accept(json);
      json.writeEndObject();
    } catch (IOException | RuntimeException e) {
      out.release();
      throw new IllegalStateException("a body that was read before cannot be read again", e);
    }
    return out;
  }

  static void ids(JsonGenerator json, TokenIdList ids) {
    json.writeStartArray();
    for (int i = 0; i < ids.size(); i++) {
      json.writeNumber(ids.at(i));
    }
    json.writeEndArray();
  }

  private static void field(
      JsonGenerator json,
      JsonParser parser,
      String name,
      Continuation continuation,
      String servedModel) {
    switch (name) {
      case "continue_final_message", "add_generation_prompt" -> parser.skipChildren();
      case "model" -> json.writeStringProperty("model", servedModel);
      case "prompt" -> json.writeStringProperty("prompt", parser.getString() + continuation.text());
      case "messages" -> messages(json, parser, continuation.text());
      case "max_tokens", "max_completion_tokens", "min_tokens" ->
          limit(json, parser, name, continuation);
      default -> {
        json.writeName(name);
        json.copyCurrentStructureExact(parser);
      }
    }
  }

  private static void messages(JsonGenerator json, JsonParser parser, String text) {
    json.writeName("messages");
    json.writeStartArray();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      json.copyCurrentStructureExact(parser);
    }
    json.writeStartObject();
    json.writeStringProperty("role", "assistant");
    json.writeStringProperty("content", text);
    json.writeEndObject();
    json.writeEndArray();
  }

  private static void limit(
      JsonGenerator json, JsonParser parser, String name, Continuation continuation) {
    if (continuation.usageOnly()) {
      return;
    }
    json.writeName(name);
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      long min = name.equals("min_tokens") ? 0 : 1;
      json.writeNumber(Math.max(min, parser.getLongValue() - continuation.tokens()));
    } else {
      json.copyCurrentStructureExact(parser);
    }
  }
}
