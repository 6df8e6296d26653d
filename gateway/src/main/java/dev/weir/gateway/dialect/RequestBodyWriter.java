// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.Continuation;
import dev.weir.gateway.exchange.ParsedRequest;
import dev.weir.gateway.exchange.ResumeConstraints;
import dev.weir.gateway.exchange.TokenIdList;
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

/// Makes the body that a replica gets from the body that the client sent.
public final class RequestBodyWriter {
  private static final byte[] ASK_FOR_IDS =
      "\"return_token_ids\":true,".getBytes(StandardCharsets.US_ASCII);

  private static final ByteBuf IDS_FIELD =
      Unpooled.unreleasableBuffer(
          Unpooled.copiedBuffer("return_token_ids", StandardCharsets.US_ASCII).asReadOnly());

  /// Fields that mean nothing, or something else, beside a prompt of token ids.
  private static final Set<String> ABOUT_THE_PROMPT =
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

  /// The client's bytes, with only the model's name replaced where the engine knows another. The
  /// caller owns the result.
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

  /// The same, and the engine is asked to tell the ids of its tokens. Only for JSON that does not
  /// name them.
  public static ByteBuf bodyWithIds(
      ByteBuf original, ParsedRequest parsedRequest, String servedModel) {
    ByteBuf body = body(original, parsedRequest, servedModel);
    int start = body.readerIndex();
    int inside = body.indexOf(start, body.writerIndex(), (byte) '{') + 1;
    return Unpooled.wrappedBuffer(
        body.readRetainedSlice(inside - start), Unpooled.wrappedBuffer(ASK_FOR_IDS), body);
  }

  /// Whether an engine's error names the field that asks for token ids.
  public static boolean namesIds(ByteBuf error) {
    return ByteBufUtil.indexOf(IDS_FIELD, error) >= 0;
  }

  /// The request that makes a replica speak on where another one broke off. Chat: the text so far
  /// becomes a last assistant message that is to be continued (and the generation prompt is
  /// switched off, since it defaults to on and both together are refused); completions: the text
  /// follows the prompt. Token limits are lowered by what has been sent.
  ///
  /// @param resumeConstraints with the limit that the first replica set where the request names
  ///   none
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

  /// The same in token ids, for `/v1/completions` whatever the client called: no template and no
  /// tokenizer stands between what was said and what the replica reads. Every field that shapes the
  /// sampling stays.
  ///
  /// @param maxTokens what the client allowed
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
          if (ABOUT_THE_PROMPT.contains(name)) {
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

  /// What is left of a limit, which engines want to be above 0.
  private static long left(long maxTokens, Continuation continuation) {
    return Math.max(1, maxTokens - continuation.tokens());
  }

  /// What becomes of one field.
  @FunctionalInterface
  private interface Field {
    void write(JsonGenerator json, JsonParser parser, String name);
  }

  /// @param end writes what is added
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
      long least = name.equals("min_tokens") ? 0 : 1;
      json.writeNumber(Math.max(least, parser.getLongValue() - continuation.tokens()));
    } else {
      json.copyCurrentStructureExact(parser);
    }
  }
}
