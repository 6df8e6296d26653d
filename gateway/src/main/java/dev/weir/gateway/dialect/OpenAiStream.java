// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.StreamDialect;
import dev.weir.gateway.exchange.answer.EventContent;
import dev.weir.gateway.exchange.answer.TokenIdList;
import dev.weir.gateway.exchange.answer.TokenIdTracking;
import dev.weir.gateway.exchange.answer.Transcript;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;

/// The streams of `/v1/chat/completions` and `/v1/completions`.
final class OpenAiStream implements StreamDialect {
  private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.UTF_8);

  private final boolean chat;

  /// @param chat whether chunks are chat deltas; otherwise plain text
  OpenAiStream(boolean chat) {
    this.chat = chat;
  }

  @Override
  public boolean mustFinish() {
    return true;
  }

  // --- reading

  @Override
  public void read(byte[] data, int length, EventContent facts) {
    if (isDone(data, length)) {
      facts.end = EventContent.End.DONE;
      return;
    }
    if (isBlank(data, length)) {
      return;
    }
    boolean whole;
    try (JsonParser parser =
        StreamingJson.FACTORY.createParser(StreamingJson.READ, data, 0, length)) {
      whole = new ChunkReader(parser, facts).read();
    } catch (JacksonException e) {
      whole = false;
    }
    if (!whole) {
      facts.clear();
      facts.end = EventContent.End.GARBAGE;
    }
  }

  private static boolean isBlank(byte[] data, int length) {
    for (int i = 0; i < length; i++) {
      if (data[i] != ' ') {
        return false;
      }
    }
    return true;
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

  // --- writing

  @Override
  public ByteBuf continued(byte[] data, int length, EventContent facts, Transcript transcript) {
    return ContinuedChunk.of(data, length, chat, transcript);
  }

  @Override
  public ByteBuf withoutIds(byte[] data, int length) {
    return ContinuedChunk.withoutIds(data, length);
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
  public ByteBuf finish(Transcript transcript, Finish finish) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = StreamingJson.FACTORY.createGenerator(StreamingJson.WRITE, out)) {
      json.writeStartObject();
      identity(json, transcript);
      json.writeName("choices");
      json.writeStartArray();
      choice(json, finish, transcript);
      json.writeEndArray();
      json.writeEndObject();
    }
    return data(out.toString());
  }

  private void choice(JsonGenerator json, Finish finish, Transcript transcript) {
    json.writeStartObject();
    json.writeNumberProperty("index", 0);
    if (chat) {
      json.writeName("delta");
      json.writeStartObject();
      json.writeStringProperty("content", finish.text());
      json.writeEndObject();
    } else {
      json.writeStringProperty("text", finish.text());
    }
    json.writeNullProperty("logprobs");
    json.writeStringProperty("finish_reason", finish.reason());
    json.writeName("stop_reason");
    finish.stop().ifPresentOrElse(json::writeString, json::writeNull);
    if (transcript.ids() == TokenIdTracking.SHOWN) {
      json.writeName("token_ids");
      RequestBodyWriter.ids(
          json, finish.stop().isPresent() ? transcript.legIds() : new TokenIdList(0));
    }
    json.writeEndObject();
  }

  @Override
  public ByteBuf usage(Transcript transcript) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = StreamingJson.FACTORY.createGenerator(StreamingJson.WRITE, out)) {
      json.writeStartObject();
      identity(json, transcript);
      json.writeName("choices");
      json.writeStartArray();
      json.writeEndArray();
      usageField(json, transcript, transcript.outputTokens());
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
