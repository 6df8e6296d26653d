// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/// The one streaming JSON factory. Depth is limited; the size of documents is limited before they
/// get here.
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

  /// More than anybody could count.
  static final long MOST_TOKENS = 1L << 40;

  private StreamingJson() {}

  /// A number that counts something. What nobody could have counted is cut off: sums of counts must
  /// neither overflow nor shrink.
  static long count(JsonParser parser) {
    return Math.clamp(parser.getLongValue(), 0, MOST_TOKENS);
  }
}
