// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.answer;

/// The token ids of one stream over all attempts: those of its prompt, followed by those of its
/// answer so far. It is either complete or lost, because an incomplete history would change the
/// continuation. Event loop only.
final class TokenHistory {
  /// A history with more ids, including the prompt's, is lost.
  static final int MAX_IDS = 256 * 1024;

  private final TokenIdList ids = new TokenIdList(MAX_IDS);
  private int promptIds = -1;
  private boolean lost;

  /// Adds the ids of an event that is sent to the client. Output without ids, or ids without the
  /// prompt's, lose the history.
  void learn(EventContent facts) {
    if (promptIds < 0 && !facts.promptIds.isEmpty()) {
      ids.addAll(facts.promptIds);
      promptIds = ids.size();
    }
    boolean missingIds = facts.token && facts.tokenIds.isEmpty();
    boolean missingPrompt = promptIds < 0 && (facts.token || !facts.tokenIds.isEmpty());
    ids.addAll(facts.tokenIds);
    if (missingIds || missingPrompt || ids.invalid() || facts.promptIds.invalid()) {
      markLost();
    }
  }

  void markLost() {
    lost = true;
    ids.invalidate();
  }

  /// Clears the history for a new attempt.
  void restart() {
    lost = false;
    promptIds = -1;
    ids.clear();
  }

  /// Whether all ids so far are known.
  boolean whole() {
    return !lost && promptIds >= 0;
  }

  int prompt() {
    return promptIds;
  }

  int output() {
    return ids.size() - promptIds;
  }

  TokenIdList all() {
    return ids.from(0);
  }

  /// @param start index among the answer's ids
  TokenIdList outputFrom(int start) {
    return ids.from(promptIds + start);
  }
}
