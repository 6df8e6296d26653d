// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.answer;

import java.util.Optional;

/// Where another replica continues a broken stream.
///
/// @param ids of all tokens so far, including the prompt's; empty if unknown
/// @param fromText whether the text can be continued as well
/// @param text sent to the client so far
/// @param tokens number of output tokens so far
/// @param usageOnly all text was sent; only the usage is missing
public record Continuation(
    Optional<TokenIdList> ids, boolean fromText, String text, long tokens, boolean usageOnly) {
  /// Same position, from the text alone.
  public Continuation withoutIds() {
    return new Continuation(Optional.empty(), fromText, text, tokens, usageOnly);
  }
}
