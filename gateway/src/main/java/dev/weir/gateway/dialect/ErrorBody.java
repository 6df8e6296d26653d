// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import dev.weir.gateway.exchange.Failure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JsonGenerator;

/// Errors of the gateway in the format of each API family.
public final class ErrorBody {
  private ErrorBody() {}

  /// @param anthropic selects Anthropic's format, otherwise OpenAI's
  public static byte[] of(boolean anthropic, Failure failure, String requestId) {
    String json = anthropic ? anthropic(failure, requestId) : openAi(failure);
    return json.getBytes(StandardCharsets.UTF_8);
  }

  /// Converts a body, normally an error, to an event of a stream that has already started.
  ///
  /// @param body is released
  public static ByteBuf event(boolean anthropic, ByteBuf body) {
    String data = body.toString(StandardCharsets.UTF_8).strip().replaceAll("\\R", "\ndata: ");
    body.release();
    String event = (anthropic ? "event: error\n" : "") + "data: " + data + "\n\n";
    return Unpooled.copiedBuffer(event, StandardCharsets.UTF_8);
  }

  /// `{"error":{"message","type","param","code"}}`: the specification requires all four keys.
  static String openAi(Failure failure) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = StreamingJson.FACTORY.createGenerator(StreamingJson.WRITE, out)) {
      json.writeStartObject();
      json.writeName("error");
      json.writeStartObject();
      json.writeStringProperty("message", failure.message());
      json.writeStringProperty("type", failure.kind().type());
      json.writeNullProperty("param");
      json.writeStringProperty("code", failure.code());
      json.writeEndObject();
      json.writeEndObject();
    }
    return out.toString();
  }

  static String anthropic(Failure failure, String requestId) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = StreamingJson.FACTORY.createGenerator(StreamingJson.WRITE, out)) {
      json.writeStartObject();
      json.writeStringProperty("type", "error");
      json.writeName("error");
      json.writeStartObject();
      json.writeStringProperty("type", anthropicType(failure.kind()));
      json.writeStringProperty("message", failure.message());
      json.writeEndObject();
      json.writeStringProperty("request_id", requestId);
      json.writeEndObject();
    }
    return out.toString();
  }

  private static String anthropicType(Failure.Kind kind) {
    return switch (kind.status()) {
      case 401 -> "authentication_error";
      case 403 -> "permission_error";
      case 404 -> "not_found_error";
      case 413 -> "request_too_large";
      case 429 -> "rate_limit_error";
      case 503 -> "overloaded_error";
      case 504 -> "timeout_error";
      default -> kind.status() < 500 ? "invalid_request_error" : "api_error";
    };
  }
}
