// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a gateway remembers of one recent request; never what was asked or answered.
///
/// @param gateway which remembers it
/// @param arrivedAt by that gateway's clock, when it had been read whole, before any waiting
/// @param path of the API that was called
/// @param model the public name that was asked for
/// @param principal whose key it came with
/// @param service `namespace/name` of the one that was chosen first
/// @param version that was chosen first
/// @param canary whether that was the version under test
/// @param rollout `namespace/name` of the one that was live then; empty without
/// @param snapshot the sequence of the snapshot it was served from
/// @param waitedMillis for a place, before it went on its way
/// @param mirror `namespace/name` of the service that was sent a copy, with the version behind it
///   where that is a shadow (`default/chat chat@2`); of two copies the one told of last; empty for
///   none
/// @param mirrorResult `running`, `answered`, `failed`, `cancelled` or `dropped`; empty without a
///   mirror
/// @param attempts that have ended, in order
/// @param end empty while it runs
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

  /// One try at one replica.
  ///
  /// @param why `first`, `retry`, `resume` of a stream that broke, `stable` for a canary that could
  ///   not, or `fallback` to another service
  /// @param service `namespace/name`
  /// @param replica empty when there was none to try
  /// @param endedAfterMillis since the request's arrival
  /// @param outcome `success`, `failure`, `backpressure` or `neutral`, as statistics see it
  /// @param failure what went wrong, for people; empty when nothing did
  /// @param ttftMillis to the first token of this attempt; -1 when none came
  /// @param promptTokens -1 when nobody counted them
  /// @param outputTokens likewise
  /// @param injected the fault that was injected into it on purpose, in words; empty for none
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

  /// What the client got.
  ///
  /// @param status 499 when it went away
  /// @param failure what it was told or saw go wrong; empty for a success
  /// @param service `namespace/name` of the one that answered last
  /// @param fallback why other services of the route were asked, in order; empty when none was
  /// @param resumes how often its broken stream was continued
  /// @param fellBack whether the stable version answered for a canary that could not
  /// @param ttftMillis from arrival to the first token; -1 when none came
  /// @param promptTokens -1 when nobody counted them
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
