// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import java.util.Optional;

/// Where another replica takes a broken stream up.
///
/// @param ids of all tokens so far, the prompt's included; empty where they are not known
/// @param fromText whether the text so far can be continued as well
/// @param text what the client has got so far
/// @param tokens how many output tokens that was
/// @param usageOnly all text has been sent; only the counts are still owed
public record Continuation(
    Optional<TokenIdList> ids, boolean fromText, String text, long tokens, boolean usageOnly) {
  /// The same from its text alone.
  public Continuation withoutIds() {
    return new Continuation(Optional.empty(), fromText, text, tokens, usageOnly);
  }
}
