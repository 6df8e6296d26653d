// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.trace;

/// One request of a plan.
///
/// @param index its index in the plan, from 0
/// @param atNanos send time since the start of the play
/// @param promptTokens words of its prompt, at least 1
/// @param maxTokens its `max_tokens`, at least 1
/// @param chat whether it is a chat; otherwise a plain completion
/// @param streamed whether the answer is streamed
/// @param promptSeed seed of the words of its prompt
public record PlannedRequest(
    long index,
    long atNanos,
    int promptTokens,
    int maxTokens,
    boolean chat,
    boolean streamed,
    long promptSeed) {
  public PlannedRequest {
    if (promptTokens < 1 || maxTokens < 1) {
      throw new IllegalArgumentException(
          "request " + index + " has prompt " + promptTokens + ", maxTokens " + maxTokens);
    }
  }
}
