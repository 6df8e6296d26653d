// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange.answer;

import dev.weir.snapshot.AnswerContent;
import dev.weir.snapshot.Telemetry.Trait;
import java.util.Optional;
import java.util.Set;

/// Times and token counts of one attempt, in monotonic nanoseconds. Event loop only.
public final class Timeline {
  private static final long NONE = Long.MIN_VALUE;

  private final long startNanos;
  private long firstTokenNanos = NONE;
  private long lastTokenNanos = NONE;
  private long tokenEvents;
  private long promptTokens;
  private long outputTokens;
  private Optional<AnswerWatch> watch = Optional.empty();

  /// @param startNanos the request's arrival for its first attempt, otherwise the attempt's start
  public Timeline(long startNanos) {
    this.startNanos = startNanos;
  }

  /// The observer of the attempt's answer, if there is one.
  public Optional<AnswerWatch> watch() {
    return watch;
  }

  public void watchBy(AnswerWatch reader) {
    watch = Optional.of(reader);
  }

  /// Traits of the answer.
  public Set<Trait> traits() {
    return watch.map(AnswerWatch::traits).orElse(Set.of());
  }

  /// Whether the answer, if complete, has any content.
  public AnswerContent answerContent() {
    return watch.map(AnswerWatch::answerContent).orElse(AnswerContent.UNKNOWN);
  }

  /// The sketch for comparing the answer, if requested.
  public Optional<AnswerSketch> sketch() {
    return watch.flatMap(AnswerWatch::sketch);
  }

  /// The text of the answer, if it is graded.
  public Optional<AnswerText> text() {
    return watch.flatMap(AnswerWatch::text);
  }

  /// An event with output arrived.
  ///
  /// @return whether it was the first
  public boolean token(long nowNanos) {
    tokenEvents++;
    lastTokenNanos = nowNanos;
    return begun(nowNanos);
  }

  /// The first byte of a non-streamed answer arrived. Its number of tokens is unknown.
  ///
  /// @return whether it was the first
  public boolean begun(long nowNanos) {
    if (firstTokenNanos != NONE) {
      return false;
    }
    firstTokenNanos = nowNanos;
    return true;
  }

  /// The engine reported usage. Counts only grow, and a later event may omit one.
  public void usage(long prompt, long output) {
    promptTokens = Math.max(promptTokens, prompt);
    outputTokens = Math.max(outputTokens, output);
  }

  public long promptTokens() {
    return promptTokens;
  }

  /// The engine's count, or the number of events if that is larger (an engine without counts); 0 if
  /// neither is known.
  public long outputTokens() {
    return Math.max(outputTokens, tokenEvents);
  }

  public long ttftMicros() {
    return firstTokenNanos == NONE ? -1 : (firstTokenNanos - startNanos) / 1_000;
  }

  /// (last - first) / (tokens - 1). An event may contain several tokens, so the engine's count is
  /// used if known.
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
