// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import java.util.List;
import java.util.Optional;

/// One request as its client saw it.
///
/// @param status sent to the client; 499 when it went away before an answer
/// @param failure what the client was told or saw go wrong; empty for a success (a resumed stream
///   is one)
/// @param service id of the one that answered last
/// @param version that answered last, empty when none was tried
/// @param replica name of the replica that answered last, empty when none was tried
/// @param attempts made, resumes included
/// @param resumes how many times a broken stream was continued
/// @param fellBack whether the stable version answered for a canary that could not
/// @param fallbackTrace to other services
/// @param budgetExhausted whether it failed for good because the retry budget was used up
/// @param ttftMicros from arrival (before any waiting for a place) to the first token the client
///   got; -1 when none
/// @param e2eMicros from arrival to the end
/// @param promptTokens as told to the client
/// @param outputTokens as told to the client, else counted
/// @param faults names of those that were injected into its attempts on purpose
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
