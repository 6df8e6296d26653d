// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// JSON trees as text.
final class JsonText {
  private static final JsonMapper MAPPER = JsonMapper.shared();
  private static final DefaultIndenter LINES = new DefaultIndenter("  ", "\n");
  private static final DefaultPrettyPrinter PRETTY =
      new DefaultPrettyPrinter(
              Separators.createDefaultInstance()
                  .withObjectNameValueSpacing(Separators.Spacing.AFTER)
                  .withArrayEmptySeparator("")
                  .withObjectEmptySeparator(""))
          .withObjectIndenter(LINES)
          .withArrayIndenter(LINES);

  private JsonText() {}

  static String compact(JsonNode tree) {
    return MAPPER.writeValueAsString(tree);
  }

  static String pretty(JsonNode tree) {
    return MAPPER.writer().with(PRETTY).writeValueAsString(tree);
  }
}
