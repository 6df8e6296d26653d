// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.engine;

/// One prompt being answered. Created by the caller, moved along by one [BatchScheduler] only.
public final class Sequence {
  /// Hears of each generated token at its time.
  @FunctionalInterface
  public interface Sink {
    /// Token `index` (0 = first) of this sequence is there; `last` when no more will come.
    void token(int index, boolean last);
  }

  /// Where a sequence is.
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
          "a sequence needs tokens: prompt " + promptTokens + ", new " + newTokens);
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

  /// When the host had handed it over to the queue.
  public long eligibleAtNanos() {
    return eligibleAtNanos;
  }

  /// When it was first taken into the batch, or -1 while it was not.
  public long scheduledAtNanos() {
    return scheduledAtNanos;
  }

  /// Tokens in the KV cache when all that was generated is in it.
  int contextTokens() {
    return promptTokens + generated;
  }
}
