// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api.call;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The response of a handler.
public sealed interface ApiResponse {
  /// A complete response.
  @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
  record Whole(int status, String contentType, byte[] body, Map<String, String> headers)
      implements ApiResponse {
    public Whole {
      headers = Map.copyOf(headers);
    }
  }

  /// A response whose content is sent while it is read, then closed.
  ///
  /// @param bytes the length of `content`
  /// @param slot the download slot; released at the end
  record Download(
      String contentType,
      long bytes,
      InputStream content,
      Map<String, String> headers,
      CallLimiter.CallSlot slot)
      implements ApiResponse {
    public Download {
      headers = Map.copyOf(headers);
    }
  }

  /// Server-sent events while the client is connected.
  ///
  /// @param limiter limits the number of concurrent streams
  record Stream(CallLimiter limiter, Source source) implements ApiResponse {}

  /// Writes events until there are no more; may block.
  interface Source {
    void run(Sink out) throws IOException, InterruptedException;
  }

  /// Sends the bytes of whole events immediately.
  interface Sink {
    void write(byte[] events) throws IOException;

    default void write(String events) throws IOException {
      write(events.getBytes(StandardCharsets.UTF_8));
    }
  }

  static Whole json(int status, JsonNode body) {
    return json(status, body, Map.of());
  }

  static Whole json(int status, JsonNode body, Map<String, String> headers) {
    return new Whole(status, ApiJson.CONTENT_TYPE, ApiJson.bytes(body), headers);
  }

  static Whole text(int status, String contentType, String body) {
    return new Whole(status, contentType, body.getBytes(StandardCharsets.UTF_8), Map.of());
  }
}
