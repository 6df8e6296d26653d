// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.Transcript;
import io.netty.buffer.ByteBuf;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.io.JsonStringEncoder;

/// A chunk of a continued stream as the client shall see it: the first chunk's identity, no second
/// role, merged counts; every other byte as the engine wrote it.
final class ContinuedChunk {
  private final JsonParser parser;
  private final Edits edits;
  private final Transcript transcript;

  private ContinuedChunk(JsonParser parser, Edits edits, Transcript transcript) {
    this.parser = parser;
    this.edits = edits;
    this.transcript = transcript;
  }

  static ByteBuf of(byte[] data, int length, Transcript transcript) {
    Edits edits = new Edits(data, length);
    try (JsonParser parser = Json.FACTORY.createParser(Json.READ, data, 0, length)) {
      parser.nextToken();
      new ContinuedChunk(parser, edits, transcript).chunk();
    }
    return edits.event();
  }

  private void chunk() {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "id" -> value(quoted(transcript.id()));
        case "created" -> value(transcript.created().isEmpty() ? "0" : transcript.created());
        case "model" -> value(quoted(transcript.model()));
        case "usage" -> usage();
        case "choices" -> withoutRoles();
        default -> parser.skipChildren();
      }
    }
  }

  private void value(String with) {
    int from = start();
    edits.replace(from, end(), with);
  }

  private int start() {
    return (int) parser.currentTokenLocation().getByteOffset();
  }

  /// After the current value, which is read to its end.
  private int end() {
    if (parser.currentToken().isStructStart()) {
      parser.skipChildren();
    } else {
      parser.getString();
    }
    return (int) parser.currentLocation().getByteOffset();
  }

  static String quoted(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + '"';
  }

  private void usage() {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return;
    }
    long prompt = transcript.promptTokens();
    long output = transcript.outputTokens();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "prompt_tokens" -> value(Long.toString(prompt));
        case "completion_tokens" -> value(Long.toString(output));
        case "total_tokens" -> value(Long.toString(prompt + output));
        default -> parser.skipChildren();
      }
    }
  }

  /// A client must hear of the role only once.
  private void withoutRoles() {
    int depth = 0;
    do {
      JsonToken token = parser.currentToken();
      if (token == JsonToken.PROPERTY_NAME && parser.currentName().equals("role")) {
        int from = start();
        parser.nextToken();
        edits.removeMember(from, end());
      } else if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      }
    } while (depth > 0 && parser.nextToken() != null);
  }
}
