// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.foreign;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// A version that is released: what its engine does from the moment it is asked by clients, and
/// what must become of the release.
///
/// @param kind what several versions have in common
/// @param switches of the engine, set once requests come
/// @param deciders one of these metrics must have decided; empty for a healthy version
/// @param why the reason for the expected result
/// @param slow whether every answer is correct but slow
public record ForeignVersion(
    String kind,
    String about,
    Map<String, Object> switches,
    Set<String> deciders,
    String why,
    boolean slow) {
  private static final Set<String> ERRORS = Set.of("error", "fast_error");
  private static final Set<String> WAITS = Set.of("error", "fast_error", "ttft");
  private static final Set<String> BREAKS = Set.of("error", "fast_error", "truncated");

  private static final String HEALTHY_WHY =
      "only the format of its answers differs, so it must be promoted";
  private static final String FAILS =
      "each 500 is a failed first attempt, far above the tolerance of 0.5 pp, although retries hide it from clients";
  private static final String SLOW = "far above the tolerance of 50 %, in every answer";
  private static final String CUTS =
      "`truncated` compares streams with streams, so answers without streaming do not dilute it";
  private static final String EMPTY =
      "an answer without content, tool call or refusal is bad, however fast it is";
  private static final String HANGS =
      "the wait for the first byte is bounded: it counts as late at first, then as a failure of the version";
  private static final String LIMITS =
      "an engine that refuses a load that the other engine serves fails before the first token";
  private static final String GARBAGE =
      "unreadable data is an error before the first token and a cut after it";
  private static final String ABORTS =
      "`abort` is no valid finish reason: a stream counts as cut, an answer without streaming as failed";

  public ForeignVersion {
    switches = Map.copyOf(switches);
    deciders = Set.copyOf(new TreeSet<>(deciders));
  }

  /// Versions without a difference that matters to clients.
  public static final List<ForeignVersion> HEALTHY =
      List.of(
          healthy("as version 1", Map.of()),
          healthy("chunks of a few bytes", Map.of("chunking", "pieces")),
          healthy("CRLF and comments in streams", Map.of("lineEnd", "crlf", "comments", true)),
          healthy(
              "Content-Length, odd header casing", Map.of("framing", "length", "casing", "odd")),
          healthy("refuses to continue", Map.of("continuation", "refuse")),
          healthy("all of it", Map.of("chunking", "pieces", "lineEnd", "crlf", "casing", "odd")));

  /// Two bad versions of each kind.
  public static final List<ForeignVersion> BAD =
      List.of(
          bad("errors", "10 % answer 500", Map.of("errorRate", 0.1), ERRORS, FAILS),
          bad("errors", "4 % answer 500", Map.of("errorRate", 0.04), ERRORS, FAILS),
          slow("latency", "TTFT x4", Map.of("ttftFactor", 4), Set.of("ttft", "e2e_per_token")),
          slow("latency", "ITL x4", Map.of("itlFactor", 4), Set.of("itl", "e2e_per_token")),
          bad(
              "truncation",
              "FIN in the middle of 8 % of streams",
              Map.of("cutRate", 0.08),
              Set.of("truncated"),
              CUTS),
          bad(
              "truncation",
              "RST in the middle of 5 % of streams",
              Map.of("resetRate", 0.05),
              Set.of("truncated"),
              CUTS),
          bad("empty", "20 % are empty", Map.of("emptyRate", 0.2), Set.of("empty"), EMPTY),
          bad("empty", "8 % are empty", Map.of("emptyRate", 0.08), Set.of("empty"), EMPTY),
          bad(
              "hangs",
              "6 % of all never begin",
              Map.of("hangRate", 0.06, "hangStreamRate", 0.06),
              WAITS,
              HANGS),
          bad("hangs", "6 % of whole answers never come", Map.of("hangRate", 0.06), WAITS, HANGS),
          bad("429", "15 % answer 429", Map.of("limitRate", 0.15), ERRORS, LIMITS),
          bad("429", "6 % answer 429", Map.of("limitRate", 0.06), ERRORS, LIMITS),
          bad("garbage", "10 % are no JSON", Map.of("garbageRate", 0.1), BREAKS, GARBAGE),
          bad("garbage", "5 % are no JSON", Map.of("garbageRate", 0.05), BREAKS, GARBAGE),
          bad("abort", "10 % end by `abort`", Map.of("abortRate", 0.1), BREAKS, ABORTS),
          bad("abort", "5 % end by `abort`", Map.of("abortRate", 0.05), BREAKS, ABORTS));

  private static ForeignVersion healthy(String about, Map<String, Object> switches) {
    return new ForeignVersion("healthy", about, switches, Set.of(), HEALTHY_WHY, false);
  }

  private static ForeignVersion bad(
      String kind, String about, Map<String, Object> switches, Set<String> deciders, String why) {
    return new ForeignVersion(kind, about, switches, deciders, why, false);
  }

  private static ForeignVersion slow(
      String kind, String about, Map<String, Object> switches, Set<String> deciders) {
    return new ForeignVersion(kind, about, switches, deciders, SLOW, true);
  }

  public boolean isHealthy() {
    return deciders.isEmpty();
  }

  /// Whether this answer counts as bad, even if another replica completed it.
  public boolean harms(Judged answer) {
    return slow || !answer.right();
  }

  @Override
  public String toString() {
    return kind + ": " + about;
  }
}
