// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.snapshot.AnswerContent;
import dev.weir.snapshot.Telemetry.Trait;
import java.util.Optional;
import java.util.Set;

/// When things happened in one attempt, by a monotonic clock in nanoseconds, and what was counted.
/// Event loop only.
public final class Timeline {
  private static final long NONE = Long.MIN_VALUE;

  private final long startNanos;
  private long firstTokenNanos = NONE;
  private long lastTokenNanos = NONE;
  private long tokenEvents;
  private long promptTokens;
  private long outputTokens;
  private Optional<AnswerWatch> watch = Optional.empty();

  /// @param startNanos the request's arrival for its first attempt, else the attempt's start
  public Timeline(long startNanos) {
    this.startNanos = startNanos;
  }

  /// Reads along with the attempt's answer, if anybody asks what it is like.
  public Optional<AnswerWatch> watch() {
    return watch;
  }

  public void watchBy(AnswerWatch reader) {
    watch = Optional.of(reader);
  }

  /// What is known of the answer besides its times.
  public Set<Trait> traits() {
    return watch.map(AnswerWatch::traits).orElse(Set.of());
  }

  /// Whether the answer, if it is whole, has any content.
  public AnswerContent answerContent() {
    return watch.map(AnswerWatch::answerContent).orElse(AnswerContent.UNKNOWN);
  }

  /// What the answer can be compared by, where somebody asked for it.
  public Optional<AnswerSketch> sketch() {
    return watch.flatMap(AnswerWatch::sketch);
  }

  /// What the answer says, where somebody is to read it.
  public Optional<AnswerText> text() {
    return watch.flatMap(AnswerWatch::text);
  }

  /// An event that carries output came.
  ///
  /// @return whether it was the first
  public boolean token(long nowNanos) {
    tokenEvents++;
    lastTokenNanos = nowNanos;
    return begun(nowNanos);
  }

  /// The first byte of an answer in one piece came, which says nothing of how many tokens it has.
  ///
  /// @return whether it was the first
  public boolean begun(long nowNanos) {
    if (firstTokenNanos != NONE) {
      return false;
    }
    firstTokenNanos = nowNanos;
    return true;
  }

  /// The engine said what it counted; counts only grow, and a later event may leave one out.
  public void usage(long prompt, long output) {
    promptTokens = Math.max(promptTokens, prompt);
    outputTokens = Math.max(outputTokens, output);
  }

  public long promptTokens() {
    return promptTokens;
  }

  /// As the engine counted, or the events seen where that is more (an engine that never said); 0
  /// where neither is known.
  public long outputTokens() {
    return Math.max(outputTokens, tokenEvents);
  }

  public long ttftMicros() {
    return firstTokenNanos == NONE ? -1 : (firstTokenNanos - startNanos) / 1_000;
  }

  /// (last - first) / (tokens - 1); an event may carry several tokens, so the engine's count is
  /// used where it is known.
  public long itlMicros() {
    if (tokenEvents < 2) {
      return -1;
    }
    return (lastTokenNanos - firstTokenNanos) / 1_000 / (outputTokens() - 1);
  }

  public long elapsedMicros(long nowNanos) {
    return (nowNanos - startNanos) / 1_000;
  }
}
