// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.strata;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Conversations: each turn repeats the turns before it, and applications share a system prompt. A
/// turn comes every 40 s on average; one in six turns is the last.
final class Conversations implements PromptSource {
  private static final int[] SYSTEM_TOKENS = {0, 200, 600, 1500};
  private static final double SECONDS_PER_TURN = 40;
  private static final double LAST_TURN = 1. / 6;
  private static final int ANSWER_TOKENS = 250;
  private static final int MAX_TOKENS = 8_192;

  private final SplittableRandom random;
  private final boolean[][] systemKnown;
  private final List<Conversation> conversations = new ArrayList<>();

  private static final class Conversation {
    private final int application;
    private final int[] known = new int[1 + BASELINE_REPLICAS];
    private int tokens;

    Conversation(int application) {
      this.application = application;
      tokens = SYSTEM_TOKENS[application];
    }
  }

  Conversations(SplittableRandom random, double requestsPerSecond) {
    this.random = random;
    systemKnown = new boolean[SYSTEM_TOKENS.length][1 + BASELINE_REPLICAS];
    for (int i = 0; i < Math.max(2, requestsPerSecond * SECONDS_PER_TURN); i++) {
      conversations.add(new Conversation(random.nextInt(SYSTEM_TOKENS.length)));
    }
  }

  @Override
  public Prompt next(int replica) {
    int place = random.nextInt(conversations.size());
    Conversation conversation = conversations.get(place);
    conversation.tokens += (int) Math.round(80 * Math.exp(1.1 * random.nextGaussian()));
    int system =
        systemKnown[conversation.application][replica]
            ? SYSTEM_TOKENS[conversation.application]
            : 0;
    int known = Math.max(system, conversation.known[replica]);
    Prompt prompt = new Prompt(Math.max(1, conversation.tokens), conversation.tokens - known);
    systemKnown[conversation.application][replica] = true;
    conversation.known[replica] = conversation.tokens;
    conversation.tokens += ANSWER_TOKENS;
    if (random.nextDouble() < LAST_TURN || conversation.tokens > MAX_TOKENS) {
      conversations.set(place, new Conversation(random.nextInt(SYSTEM_TOKENS.length)));
    }
    return prompt;
  }
}
