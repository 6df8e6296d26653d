// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.Ask;
import dev.weir.gateway.exchange.Continuation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.buffer.Unpooled;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.io.JsonStringEncoder;

/// Makes the body that a replica gets from the body that the client sent.
public final class AskWriter {
  private AskWriter() {}

  /// The client's bytes, with only the model's name replaced where the engine knows another. The
  /// caller owns the result.
  public static ByteBuf body(ByteBuf original, Ask ask, String servedModel) {
    if (servedModel.equals(ask.model())) {
      return original.retainedDuplicate();
    }
    String value =
        ask.json()
            ? '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(servedModel)) + '"'
            : servedModel;
    int from = original.readerIndex();
    int end = from + ask.modelEnd();
    return Unpooled.wrappedBuffer(
        original.retainedSlice(from, ask.modelStart()),
        Unpooled.wrappedBuffer(value.getBytes(StandardCharsets.UTF_8)),
        original.retainedSlice(end, original.writerIndex() - end));
  }

  /// The request that makes a replica speak on where another one broke off. Chat: the text so far
  /// becomes a last assistant message that is to be continued (and the generation prompt is
  /// switched off, since it defaults to on and both together are refused); completions: the text
  /// follows the prompt. Token limits are lowered by what has been sent.
  public static ByteBuf continuation(
      ByteBufAllocator allocator,
      ByteBuf original,
      Family family,
      Continuation continuation,
      String servedModel) {
    ByteBuf out = allocator.buffer(original.readableBytes() + continuation.text().length() + 256);
    try (InputStream in = new ByteBufInputStream(original.duplicate());
        JsonParser parser = Json.FACTORY.createParser(Json.READ, in);
        OutputStream sink = new ByteBufOutputStream(out);
        JsonGenerator json = Json.FACTORY.createGenerator(Json.WRITE, sink)) {
      parser.nextToken();
      json.writeStartObject();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        field(json, parser, name, continuation, servedModel);
      }
      if (family == Family.CHAT) {
        json.writeBooleanProperty("continue_final_message", true);
        json.writeBooleanProperty("add_generation_prompt", false);
      }
      if (continuation.usageOnly()) {
        json.writeNumberProperty("max_tokens", 1);
      }
      json.writeEndObject();
    } catch (java.io.IOException | RuntimeException e) {
      out.release();
      throw new IllegalStateException("a body that was read before cannot be read again", e);
    }
    return out;
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
