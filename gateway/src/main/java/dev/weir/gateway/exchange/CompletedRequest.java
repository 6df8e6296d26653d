// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import java.util.List;
import java.util.Optional;

/// A request as its client observed it.
///
/// @param status sent to the client; 499 if it disconnected before an answer
/// @param failure that the client received or observed; empty for a success (including a resumed
///   stream)
/// @param service id of the service that answered last
/// @param version that answered last, empty if none was tried
/// @param replica name of the replica that answered last, empty if none was tried
/// @param attempts made, including resumes
/// @param resumes number of continuations of a broken stream
/// @param fellBack whether the stable version answered for a failed canary
/// @param fallbackTrace fallbacks to other services
/// @param budgetExhausted whether it failed because the retry budget was exhausted
/// @param ttftMicros from arrival (before any queueing) to the client's first token; -1 if none
/// @param e2eMicros from arrival to the end
/// @param promptTokens as reported to the client
/// @param outputTokens as reported to the client, otherwise counted
/// @param faults names of the faults injected into its attempts
public record CompletedRequest(
    AdmittedRequest arrival,
    int status,
    Optional<Failure> failure,
    String service,
    String version,
    String replica,
    int attempts,
    int resumes,
    boolean fellBack,
    FallbackTrace fallbackTrace,
    boolean budgetExhausted,
    long ttftMicros,
    long e2eMicros,
    long promptTokens,
    long outputTokens,
    List<String> faults) {
  public CompletedRequest {
    faults = List.copyOf(faults);
  }
}
