// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.engine;

/// One prompt that is being answered. Created by the caller, advanced by exactly one
/// [BatchScheduler].
public final class Sequence {
  /// Receives each generated token at its time.
  @FunctionalInterface
  public interface Sink {
    /// Called for token `index` (0 = first); `last` is true for the last token.
    void token(int index, boolean last);
  }

  /// The state of a sequence.
  public enum State {
    ARRIVING,
    WAITING,
    PREFILL,
    DECODE,
    GONE
  }

  private final int promptTokens;
  private final int newTokens;
  private final SpeedFactor speedFactor;
  private final Sink sink;

  State state = State.ARRIVING;
  long eligibleAtNanos;
  long ticket;
  long scheduledAtNanos = -1;
  int computed;
  int generated;
  double progress;
  int blocks;

  /// @param promptTokens tokens to prefill, at least 1
  /// @param newTokens tokens to generate, at least 1
  public Sequence(int promptTokens, int newTokens, SpeedFactor speedFactor, Sink sink) {
    if (promptTokens < 1 || newTokens < 1) {
      throw new IllegalArgumentException(
          "a sequence needs at least one token each: prompt "
              + promptTokens
              + ", new "
              + newTokens);
    }
    this.promptTokens = promptTokens;
    this.newTokens = newTokens;
    this.speedFactor = speedFactor;
    this.sink = sink;
  }

  public int promptTokens() {
    return promptTokens;
  }

  int newTokens() {
    return newTokens;
  }

  SpeedFactor speedFactor() {
    return speedFactor;
  }

  public Sink sink() {
    return sink;
  }

  public State state() {
    return state;
  }

  /// When the host put it into the queue.
  public long eligibleAtNanos() {
    return eligibleAtNanos;
  }

  /// When it was first added to the batch; -1 before.
  public long scheduledAtNanos() {
    return scheduledAtNanos;
  }

  /// Tokens in the KV cache including all generated tokens.
  int contextTokens() {
    return promptTokens + generated;
  }
}
