// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.strata;

import java.util.SplittableRandom;

/// Prompts that have nothing in common, with the lengths of Azure's conversation trace of 2023
/// (AzurePublicDataset, CC-BY 4.0): quantiles of its context tokens, linear in between.
final class SinglePrompts implements PromptSource {
  private static final double[] SHARES = {0, .01, .05, .10, .25, .50, .75, .90, .95, 1};
  private static final int[] TOKENS = {8, 29, 181, 207, 396, 1020, 1189, 2735, 4083, 4142};

  private final SplittableRandom random;

  SinglePrompts(SplittableRandom random) {
    this.random = random;
  }

  @Override
  public Prompt next(int replica) {
    double share = random.nextDouble();
    int i = 1;
    while (SHARES[i] < share) {
      i++;
    }
    double part = (share - SHARES[i - 1]) / (SHARES[i] - SHARES[i - 1]);
    int tokens = (int) Math.round(TOKENS[i - 1] + part * (TOKENS[i] - TOKENS[i - 1]));
    return new Prompt(tokens, tokens);
  }
}
