// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

import dev.weir.model.value.Default;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A gateway's trace of one recent request, without its content.
///
/// @param gateway the gateway that handled the request
/// @param arrivedAt when the request had been read completely, before any queueing, by the
///   gateway's clock
/// @param path the API path
/// @param model the requested public model name
/// @param principal the principal of the request's key
/// @param service `namespace/name` of the Service selected first
/// @param version the version selected first
/// @param canary whether that was the version under test
/// @param rollout `namespace/name` of the Rollout that was live at that time; empty for none
/// @param snapshot sequence of the snapshot that the request was served from
/// @param waitedMillis time in the admission queue
/// @param mirror `namespace/name` of the Service that received a copy, followed by the version for
///   a shadow (`default/chat chat@2`); of two copies the one reported last; empty for none
/// @param mirrorResult `running`, `answered`, `failed`, `cancelled` or `dropped`; empty without a
///   mirror
/// @param attempts finished attempts, in order
/// @param end empty while the request is in flight
public record RequestTrace(
    String id,
    String gateway,
    Instant arrivedAt,
    String path,
    String model,
    boolean stream,
    String principal,
    String service,
    String version,
    boolean canary,
    @Default("") String rollout,
    long snapshot,
    @Default("0") double waitedMillis,
    @Default("") String mirror,
    @Default("") String mirrorResult,
    @Default("[]") List<Attempt> attempts,
    Optional<End> end) {
  public RequestTrace {
    attempts = List.copyOf(attempts);
  }

  /// One attempt at one replica.
  ///
  /// @param why `first`, `retry`, `resume` of a broken stream, `stable` after the canary failed, or
  ///   `fallback` to another service
  /// @param service `namespace/name`
  /// @param replica empty when no replica was available
  /// @param endedAfterMillis time since the request's arrival
  /// @param outcome `success`, `failure`, `backpressure` or `neutral`, as the analysis counts it
  /// @param failure what went wrong, in human-readable form; empty for a success
  /// @param ttftMillis time to the first token of this attempt; -1 if there was none
  /// @param promptTokens -1 when unknown
  /// @param outputTokens likewise
  /// @param injected description of the injected fault; empty for none
  public record Attempt(
      int number,
      @Default("") String why,
      @Default("") String service,
      String version,
      @Default("") String replica,
      double endedAfterMillis,
      String outcome,
      @Default("") String failure,
      double ttftMillis,
      long promptTokens,
      long outputTokens,
      boolean truncated,
      @Default("") String injected) {}

  /// What the client received.
  ///
  /// @param status 499 when the client disconnected
  /// @param failure the error that the client received or observed; empty for a success
  /// @param service `namespace/name` of the Service that responded last
  /// @param fallback why other services of the route were tried, in order; empty when none was
  /// @param resumes how often its stream was resumed
  /// @param fellBack whether the stable version responded after the canary failed
  /// @param ttftMillis time from arrival to the first token; -1 if there was none
  /// @param promptTokens -1 when unknown
  /// @param outputTokens likewise
  public record End(
      int status,
      @Default("") String failure,
      @Default("") String service,
      @Default("") String fallback,
      @Default("") String version,
      @Default("") String replica,
      int attempts,
      int resumes,
      boolean fellBack,
      double ttftMillis,
      double tookMillis,
      long promptTokens,
      long outputTokens) {}
}
