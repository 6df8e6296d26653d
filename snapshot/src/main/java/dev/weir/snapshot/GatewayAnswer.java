// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

/// One gateway's answer to a [Question].
///
/// @param question id of the question
/// @param json the answer, at most [#MAX_CHARS] characters; empty when this gateway does not
///   support the kind of question
public record GatewayAnswer(String gateway, String boot, String question, String json) {
  public static final int MAX_CHARS = 256 * 1024;

  public GatewayAnswer {
    if (json.length() > MAX_CHARS) {
      throw new IllegalArgumentException(
          "an answer must have at most %d characters, not %d".formatted(MAX_CHARS, json.length()));
    }
  }
}
