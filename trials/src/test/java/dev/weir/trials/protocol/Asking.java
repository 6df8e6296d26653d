// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

/// Requests as text, good ones and the heads of bad ones.
///
/// @param key of a caller who may call the model
record Asking(String key) {
  /// Puts an id into a request. The engine repeats it in its answer.
  static final String NONCE = "x-nonce";

  /// Selects how the engine misbehaves.
  static final String ATTACK = "x-attack";

  /// The nonce of a request that must never reach an engine.
  static final String SMUGGLED = "smuggled";

  static final String BODY = "{\"model\":\"wild\",\"messages\":[]}";
  private static final String PATH = "/v1/chat/completions";

  /// The head up to the lines that a case adds.
  String head(String version, String nonce) {
    return "POST " + PATH + " " + version + "\r\n" + lines(nonce);
  }

  String lines(String nonce) {
    return "Host: weir\r\nAuthorization: Bearer "
        + key
        + "\r\nContent-Type: application/json\r\n"
        + NONCE
        + ": "
        + nonce
        + "\r\n";
  }

  /// A POST with further header lines, whose body is framed by them or not at all.
  String post(String nonce, String more, String body) {
    return head("HTTP/1.1", nonce) + more + "\r\n" + body;
  }

  /// A good request.
  String good(String nonce, String more, String body) {
    return post(nonce, more + "Content-Length: " + body.getBytes(UTF_8).length + "\r\n", body);
  }

  String canary(String nonce) {
    return good(nonce, "", BODY);
  }

  /// A request that is hidden behind one with an ambiguous end.
  String hidden() {
    return canary(SMUGGLED);
  }

  static String streamed() {
    return "{\"model\":\"wild\",\"stream\":true,\"messages\":[]}";
  }
}
