// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// llama.cpp with one small model, in this process.
final class LlamaEngine {
  private final LlamaLibrary model;
  private final Duration pace;
  private final AtomicInteger cancelled = new AtomicInteger();

  /// Takes one token.
  @FunctionalInterface
  interface Sink {
    /// @return false to stop
    boolean token(String text);
  }

  /// The result of a generation.
  record Ended(int promptTokens, int completionTokens, String finishReason) {}

  /// @param pace between two tokens: the model alone is too fast to be killed in the middle
  LlamaEngine(Path file, Duration pace) {
    this.model = new LlamaLibrary(file);
    this.pace = pace;
  }

  /// Generates until the model, the limit or the sink says that it is enough.
  Ended generate(Asked asked, Sink sink) {
    LlamaLibrary.Tokens outputs = model.generate(asked);
    int tokens = 0;
    while (outputs.hasNext()) {
      String token = outputs.next();
      if (token.isEmpty()) {
        continue;
      }
      tokens++;
      if (!sink.token(token)) {
        cancelled.incrementAndGet();
        outputs.cancel();
        return new Ended(0, tokens, "abort");
      }
      LockSupport.parkNanos(pace.toNanos());
    }
    int prompt = model.countTokens(asked.prompt());
    return new Ended(prompt, tokens, tokens >= asked.maxTokens() ? "length" : "stop");
  }

  /// Generations that were given up because their client left.
  int cancelled() {
    return cancelled.get();
  }
}
