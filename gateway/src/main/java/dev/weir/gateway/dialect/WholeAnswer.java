// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads from a whole JSON answer what is worth knowing, without a tree of it: an unescaped
/// `"usage"` can only be a field's name or a whole string value, never part of a text.
public final class WholeAnswer {
  private static final ByteBuf USAGE = bytes("\"usage\"");
  private static final ByteBuf FINISH = bytes("\"finish_reason\"");
  private static final ByteBuf ABORT = bytes("\"abort\"");
  private static final int ABORT_WITHIN = 32;

  private WholeAnswer() {}

  private static ByteBuf bytes(String text) {
    return Unpooled.unreleasableBuffer(
        Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8)).asReadOnly());
  }

  /// Whether it is one JSON object from end to end, which a client can read.
  public static boolean readable(ByteBuf body) {
    try (InputStream in = new ByteBufInputStream(body.slice());
        JsonParser parser = Json.FACTORY.createParser(Json.READ, in)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      parser.skipChildren();
      return parser.currentToken() == JsonToken.END_OBJECT && parser.nextToken() == null;
    } catch (JacksonException | IOException e) {
      return false;
    }
  }

  /// @param prompt 0 when the engine did not say
  /// @param output 0 when the engine did not say
  public record Usage(long prompt, long output) {}

  /// The counts, from the last `usage` object.
  public static Usage usage(ByteBuf body) {
    int at = lastIndexOf(body, USAGE);
    int colon =
        at < 0 ? -1 : body.indexOf(at + USAGE.readableBytes(), body.writerIndex(), (byte) ':');
    if (colon < 0) {
      return new Usage(0, 0);
    }
    try (InputStream in =
            new ByteBufInputStream(body.slice(colon + 1, body.writerIndex() - colon - 1));
        JsonParser parser = Json.FACTORY.createParser(Json.READ, in)) {
      return parser.nextToken() == JsonToken.START_OBJECT ? counts(parser) : new Usage(0, 0);
    } catch (JacksonException | IOException e) {
      return new Usage(0, 0);
    }
  }

  private static Usage counts(JsonParser parser) {
    long prompt = 0;
    long output = 0;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      if (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
        switch (name) {
          case "prompt_tokens", "input_tokens" -> prompt = Json.count(parser);
          case "completion_tokens", "output_tokens" -> output = Json.count(parser);
          default -> {}
        }
      }
      parser.skipChildren();
    }
    return new Usage(prompt, output);
  }

  private static int lastIndexOf(ByteBuf body, ByteBuf what) {
    int last = -1;
    int at = find(what, body, body.readerIndex());
    while (at >= 0) {
      last = at;
      at = find(what, body, at + 1);
    }
    return last;
  }

  private static int find(ByteBuf what, ByteBuf body, int from) {
    int found = ByteBufUtil.indexOf(what, body.slice(from, body.writerIndex() - from));
    return found < 0 ? -1 : from + found;
  }

  /// Whether the engine gave the answer up (`"finish_reason":"abort"`) though it answered 200.
  public static boolean aborted(ByteBuf body) {
    int finish = find(FINISH, body, body.readerIndex());
    while (finish >= 0) {
      int after = finish + FINISH.readableBytes();
      int length = Math.min(ABORT_WITHIN, body.writerIndex() - after);
      if (ByteBufUtil.indexOf(ABORT, body.slice(after, length)) >= 0) {
        return true;
      }
      finish = find(FINISH, body, after);
    }
    return false;
  }
}
