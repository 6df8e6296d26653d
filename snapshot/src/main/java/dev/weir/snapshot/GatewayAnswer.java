// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

/// What one gateway says to a [Question].
///
/// @param question its id
/// @param json the answer, at most [#MAX_CHARS] characters; empty when this gateway cannot answer
///   such a question
public record GatewayAnswer(String gateway, String boot, String question, String json) {
  public static final int MAX_CHARS = 256 * 1024;

  public GatewayAnswer {
    if (json.length() > MAX_CHARS) {
      throw new IllegalArgumentException(
          "an answer has at most %d characters, not %d".formatted(MAX_CHARS, json.length()));
    }
  }
}
