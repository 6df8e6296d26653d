// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.strata;

/// Where prompts come from.
interface PromptSource {
  int BASELINE_REPLICAS = 4;

  /// A block of the prompt that gateways compare.
  int BLOCK_TOKENS = 256;

  /// @param tokens of the prompt
  /// @param fresh those that the replica has not received before
  record Prompt(int tokens, int fresh) {
    /// The gateway's estimate of `fresh`: it knows whole blocks.
    int expected() {
      return Math.max(1, tokens - (tokens - fresh) / BLOCK_TOKENS * BLOCK_TOKENS);
    }
  }

  /// The next prompt, sent to a replica: 0 is the canary's.
  Prompt next(int replica);
}
