// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import dev.weir.gateway.exchange.answer.AnswerSketch;
import dev.weir.snapshot.AnswerContent;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.Telemetry;
import java.util.Optional;
import java.util.Set;

/// The end of one attempt. A rollout's statistics use attempt 1.
///
/// @param number 1 for the first attempt of the request
/// @param service id (`namespace/name`) of the attempt's service
/// @param version `model@version` of the attempt
/// @param replica of the attempt; empty if the chosen arm had none
/// @param outcome never `PENDING`
/// @param failure empty for an answer that was fully relayed
/// @param opened whether the failure opened the replica's breaker
/// @param ttftMicros from the request's arrival (first attempt) or the attempt's start (later ones)
///   to the attempt's first token, or first byte if not streamed; -1 if there was none
/// @param itlMicros mean time between this attempt's tokens; -1 with fewer than two
/// @param e2eMicros from the same start to the attempt's end
/// @param promptTokens as the engine counted them; 0 if it did not report them
/// @param outputTokens as the engine counted them, otherwise the number of content events
/// @param truncated broke after its first byte, or ended without a valid finish reason
/// @param traits of its answer; empty if not observed
/// @param answerContent whether a complete answer has content, if observed
/// @param sketch of its answer; empty if not compared
/// @param injected description of the injected fault; empty for none
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
  /// An attempt whose answer was not observed.
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
