// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

/// The token ids of one stream over all attempts: those of its prompt and then those of its answer
/// so far. It is complete or lost; part of it would make another engine say something else. Event
/// loop only.
final class TokenHistory {
  /// Above so many ids, the prompt's included, a trail is lost.
  static final int MAX_IDS = 256 * 1024;

  private final TokenIdList ids = new TokenIdList(MAX_IDS);
  private int promptIds = -1;
  private boolean lost;

  /// Learns from an event that is going to the client. Output without its ids, and ids of an answer
  /// to an unknown prompt, lose the trail.
  void learn(EventContent facts) {
    if (promptIds < 0 && !facts.promptIds.isEmpty()) {
      ids.addAll(facts.promptIds);
      promptIds = ids.size();
    }
    boolean untold = facts.token && facts.tokenIds.isEmpty();
    boolean unfounded = promptIds < 0 && (facts.token || !facts.tokenIds.isEmpty());
    ids.addAll(facts.tokenIds);
    if (untold || unfounded || ids.spoilt() || facts.promptIds.spoilt()) {
      markLost();
    }
  }

  void markLost() {
    lost = true;
    ids.spoil();
  }

  /// Nothing was heard yet.
  void restart() {
    lost = false;
    promptIds = -1;
    ids.clear();
  }

  /// Whether every id up to here is known.
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

  /// @param start among the answer's ids
  TokenIdList outputFrom(int start) {
    return ids.from(promptIds + start);
  }
}
