// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.snapshot.AnswerContent;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.Telemetry;
import java.util.Optional;
import java.util.Set;

/// How one attempt ended. Number 1 is what a rollout's statistics see.
///
/// @param number 1 for the first attempt of the request
/// @param service id (`namespace/name`) of the service that was asked
/// @param version `model@version` that was tried
/// @param replica that was called; empty when the chosen arm had none to call
/// @param outcome never `PENDING`
/// @param failure what went wrong, empty for an answer that was relayed whole
/// @param opened whether it was the failure that opened the replica's breaker
/// @param ttftMicros from the request's arrival (first attempt) or the attempt's start (later ones)
///   to the first token of this attempt, for an answer that is not streamed to its first byte; -1
///   when none came
/// @param itlMicros mean gap between this attempt's tokens; -1 with fewer than two
/// @param e2eMicros from the same start to the attempt's end
/// @param promptTokens as the engine counted them; 0 when it did not say
/// @param outputTokens as the engine counted them, else the content events seen
/// @param truncated broke after its first byte, or ended without a legal finish reason
/// @param traits of its answer; empty where nobody asked
/// @param answerContent whether a whole answer has any, where somebody asked
/// @param sketch of its answer; empty where nobody compares it
/// @param injected what was injected into it on purpose, in words; empty for nothing
public record AttemptEnd(
    int number,
    String service,
    String version,
    Optional<ReplicaEntry> replica,
    Telemetry.Outcome outcome,
    Optional<Failure> failure,
    boolean opened,
    long ttftMicros,
    long itlMicros,
    long e2eMicros,
    long promptTokens,
    long outputTokens,
    boolean truncated,
    Set<Telemetry.Trait> traits,
    AnswerContent answerContent,
    Optional<AnswerSketch> sketch,
    String injected) {
  /// One of whose answer nobody asked what it is like.
  public AttemptEnd(
      int number,
      String service,
      String version,
      Optional<ReplicaEntry> replica,
      Telemetry.Outcome outcome,
      Optional<Failure> failure,
      boolean opened,
      long ttftMicros,
      long itlMicros,
      long e2eMicros,
      long promptTokens,
      long outputTokens,
      boolean truncated,
      String injected) {
    this(
        number,
        service,
        version,
        replica,
        outcome,
        failure,
        opened,
        ttftMicros,
        itlMicros,
        e2eMicros,
        promptTokens,
        outputTokens,
        truncated,
        Set.of(),
        AnswerContent.UNKNOWN,
        Optional.empty(),
        injected);
  }

  public AttemptEnd {
    traits = Set.copyOf(traits);
    if (outcome == Telemetry.Outcome.PENDING) {
      throw new IllegalArgumentException("an attempt that ended is not pending");
    }
  }
}
