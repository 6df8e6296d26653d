// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The shared JSON mapper. Writes only ASCII, so that each character is one byte.
final class SimJson {
  static final JsonMapper MAPPER =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private SimJson() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /// `text` as a JSON string with quotes.
  static String quote(String text) {
    return MAPPER.writeValueAsString(text);
  }
}
