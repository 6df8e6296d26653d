// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/// The shared streaming JSON factory. Nesting depth is limited here; document size is limited by
/// the listener.
final class StreamingJson {
  static final ObjectReadContext READ = ObjectReadContext.empty();
  static final ObjectWriteContext WRITE = ObjectWriteContext.empty();
  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(500)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  /// Upper bound for token counts.
  static final long MAX_TOKENS = 1L << 40;

  private StreamingJson() {}

  /// Reads a count and clamps it, so that sums of counts neither overflow nor decrease.
  static long count(JsonParser parser) {
    return Math.clamp(parser.getLongValue(), 0, MAX_TOKENS);
  }
}
