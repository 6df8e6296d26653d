// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.engine;

/// The limits of the batch.
///
/// @param maxSequences sequences in one batch (vLLM's `--max-num-seqs`)
/// @param maxBatchedTokens tokens in one step, decode and prefill together
///   (`--max-num-batched-tokens`)
/// @param maxWaiting maximum waiting requests; more are rejected (vLLM itself has no limit)
/// @param timeScale speed-up compared to real time
public record EngineLimits(
    int maxSequences, int maxBatchedTokens, int maxWaiting, double timeScale) {
  public EngineLimits {
    if (maxSequences < 1 || maxBatchedTokens < maxSequences || maxWaiting < 1) {
      throw new IllegalArgumentException(
          "need max-num-seqs >= 1 (is "
              + maxSequences
              + "), max-num-batched-tokens >= max-num-seqs (is "
              + maxBatchedTokens
              + "), max-waiting >= 1 (is "
              + maxWaiting
              + ")");
    }
    if (!(timeScale > 0)) {
      throw new IllegalArgumentException("time-scale is " + timeScale + ", must be above 0");
    }
  }
}
