// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.recording;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A request as it is stored: only path and body, nothing about its client, and no header.
///
/// @param path of the API
/// @param body JSON
record RecordedRequest(String path, String body) {
  /// The bytes to encrypt.
  byte[] bytes() {
    byte[] name = path.getBytes(StandardCharsets.US_ASCII);
    byte[] json = body.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + name.length + json.length)
        .put((byte) name.length)
        .put(name)
        .put(json)
        .array();
  }

  /// Reads [#bytes()].
  static RecordedRequest of(byte[] bytes) {
    int name = bytes[0];
    return new RecordedRequest(
        new String(bytes, 1, name, StandardCharsets.US_ASCII),
        new String(bytes, 1 + name, bytes.length - 1 - name, StandardCharsets.UTF_8));
  }
}
