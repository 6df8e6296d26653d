// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.annotation.JsonDeserialize;

/// A gateway's report, sent twice a second: a heartbeat that acknowledges the current snapshot,
/// closed slices, and one record per request while a rollout is observed.
///
/// @param gateway stable id of the gateway
/// @param boot random id of this process; sequences restart with it
/// @param batch 1, 2, 3 ... within (gateway, boot); a batch is resent until it is acknowledged, and
///   accepted once
/// @param version version of the gateway's program
/// @param formatVersions the snapshot formats that it reads
/// @param snapshotSequence the current snapshot; 0 before the first
/// @param nowMillis the gateway's own clock, UTC epoch; never compared with another clock
/// @param lostBatches batches discarded since the last one because the queue was full
/// @param fast outcomes within a second of arrival, per half second; empty from a gateway of the
///   previous version
/// @param agreements agreement of the responses to mirrored requests, each reported once; empty
///   from a gateway of the previous version
/// @param problems configuration that the gateway cannot apply, in human-readable form; empty from
///   a gateway of the previous version. At most [#MAX_PROBLEMS]
/// @param witness the store whose snapshots it follows, and the newest audit head that it received;
///   unknown from a gateway of the previous version
/// @param refusedStore identity of a store whose snapshots it currently rejects because it follows
///   another one; empty for none
/// @param inFlight every replica with requests of this gateway in flight, including replicas that
///   the acknowledged snapshot no longer contains; all others have none. Counted after
///   `snapshotSequence` was read. At most [#MAX_IN_FLIGHT]; see [#namesAllInFlight()]
public record Telemetry(
    String gateway,
    String boot,
    long batch,
    String version,
    List<Integer> formatVersions,
    long snapshotSequence,
    String snapshotHash,
    long nowMillis,
    long lostBatches,
    List<ReplicaSlice> slices,
    List<ArrivalSlice> arrivals,
    List<RequestRecord> records,
    List<FastSlice> fast,
    List<Agreement> agreements,
    List<String> problems,
    StoreHead witness,
    String refusedStore,
    List<InFlight> inFlight) {
  /// Maximum replicas in `inFlight` of one batch.
  public static final int MAX_IN_FLIGHT = 10_000;

  /// Maximum problems in one batch.
  public static final int MAX_PROBLEMS = 16;

  /// Maximum requests of one session that are reported in a step.
  public static final int MAX_SESSION_REQUESTS = 5;

  /// [RequestRecord#quality] of the best response.
  public static final int BEST = 1_000;

  /// [RequestRecord#quality] of a response outside the graded sample.
  public static final int NOT_GRADED = -2;

  /// [RequestRecord#quality] of a response in the graded sample without a grade.
  public static final int NO_GRADE = -1;

  /// Time after a session's first request in a step during which further requests count with it.
  public static final long SESSION_MILLIS = 30_000;

  public Telemetry {
    Objects.requireNonNull(gateway, "gateway");
    Objects.requireNonNull(boot, "boot");
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(snapshotHash, "snapshotHash");
    formatVersions = List.copyOf(formatVersions);
    slices = List.copyOf(slices);
    arrivals = List.copyOf(arrivals);
    records = List.copyOf(records);
    fast = fast == null ? List.of() : List.copyOf(fast);
    agreements = agreements == null ? List.of() : List.copyOf(agreements);
    problems = problems == null ? List.of() : List.copyOf(problems);
    witness = witness == null ? StoreHead.UNKNOWN : witness;
    refusedStore = refusedStore == null ? "" : refusedStore;
    inFlight = List.copyOf(inFlight);
    if (problems.size() > MAX_PROBLEMS) {
      throw new IllegalArgumentException(
          "%d problems, a batch contains at most %d".formatted(problems.size(), MAX_PROBLEMS));
    }
    if (inFlight.size() > MAX_IN_FLIGHT) {
      throw new IllegalArgumentException(
          "%d replicas in flight, a batch contains at most %d"
              .formatted(inFlight.size(), MAX_IN_FLIGHT));
    }
  }

  /// A batch without problems, from a gateway that follows no store yet.
  public Telemetry(
      String gateway,
      String boot,
      long batch,
      String version,
      List<Integer> formatVersions,
      long snapshotSequence,
      String snapshotHash,
      long nowMillis,
      long lostBatches,
      List<ReplicaSlice> slices,
      List<ArrivalSlice> arrivals,
      List<RequestRecord> records,
      List<FastSlice> fast,
      List<Agreement> agreements,
      List<InFlight> inFlight) {
    this(
        gateway,
        boot,
        batch,
        version,
        formatVersions,
        snapshotSequence,
        snapshotHash,
        nowMillis,
        lostBatches,
        slices,
        arrivals,
        records,
        fast,
        agreements,
        List.of(),
        StoreHead.UNKNOWN,
        "",
        inFlight);
  }

  /// A batch without fast slices and agreements.
  public Telemetry(
      String gateway,
      String boot,
      long batch,
      String version,
      List<Integer> formatVersions,
      long snapshotSequence,
      String snapshotHash,
      long nowMillis,
      long lostBatches,
      List<ReplicaSlice> slices,
      List<ArrivalSlice> arrivals,
      List<RequestRecord> records,
      List<InFlight> inFlight) {
    this(
        gateway,
        boot,
        batch,
        version,
        formatVersions,
        snapshotSequence,
        snapshotHash,
        nowMillis,
        lostBatches,
        slices,
        arrivals,
        records,
        List.of(),
        List.of(),
        inFlight);
  }

  /// Whether a replica that is absent from `inFlight` has no requests in flight. A full list may be
  /// truncated, in which case absence means nothing.
  public boolean namesAllInFlight() {
    return inFlight.size() < MAX_IN_FLIGHT;
  }

  /// Requests of the gateway that are in flight at a replica.
  ///
  /// @param service id of the service, `namespace/name`
  /// @param replica name of the replica within the service, as in snapshots
  /// @param count above 0
  public record InFlight(String service, String replica, int count) {
    public InFlight {
      if (count < 1) {
        throw new IllegalArgumentException(
            replica + " has " + count + " in flight; list only replicas with requests in flight");
      }
    }
  }

  /// Counts of one replica over one slice; always sent. They count attempts, not requests.
  ///
  /// @param ttft counts by bucket of natural-log seconds, width 0.02 from -10 (bucket 0) to 10
  ///   (bucket 999); same for `itl` (mean per request) and `e2e`. For responses that are not
  ///   streamed, `ttft` is the time to the first byte
  /// @param firstBytes the part of `ttft` from responses that are not streamed; empty from a
  ///   gateway of the previous version, which does not distinguish them
  public record ReplicaSlice(
      String service,
      String version,
      String replica,
      long startMillis,
      long endMillis,
      long success,
      long failure,
      long backpressure,
      long neutral,
      long truncated,
      long promptTokens,
      long outputTokens,
      Map<Integer, Long> ttft,
      Map<Integer, Long> itl,
      Map<Integer, Long> e2e,
      Map<Integer, Long> firstBytes) {
    public ReplicaSlice {
      ttft = Map.copyOf(ttft);
      itl = Map.copyOf(itl);
      e2e = Map.copyOf(e2e);
      firstBytes = firstBytes == null ? Map.of() : Map.copyOf(firstBytes);
    }

    /// The part of `ttft` from streams.
    public Map<Integer, Long> firstTokens() {
      Map<Integer, Long> tokens = new TreeMap<>(ttft);
      firstBytes.forEach((bucket, count) ->
          tokens.computeIfPresent(bucket, (_, all) -> all > count ? all - count : null));
      return tokens;
    }
  }

  /// A closed arrival slice of one observed rollout: how many requests arrived in each arm while
  /// one snapshot was served. It is closed every 5 s, and by every snapshot that changes the
  /// service's arms.
  ///
  /// @param slice 0, 1, 2 ... within (boot, rollout)
  /// @param snapshotSequence the snapshot that routed all of its requests
  /// @param weightMillionths the canary weight that was actually used; 0 after the lease expired
  /// @param stratum source of its requests; clients from a gateway of the previous version
  /// @param canary arrivals routed to the canary; their record indexes are 0 .. canary + baseline -
  ///   1
  public record ArrivalSlice(
      String rollout,
      int step,
      long slice,
      long snapshotSequence,
      int weightMillionths,
      long startMillis,
      long endMillis,
      RequestSource stratum,
      int canary,
      int baseline) {
    public ArrivalSlice {
      stratum = stratum == null ? RequestSource.CLIENTS : stratum;
    }

    /// A slice of client requests.
    public ArrivalSlice(
        String rollout,
        int step,
        long slice,
        long snapshotSequence,
        int weightMillionths,
        long startMillis,
        long endMillis,
        int canary,
        int baseline) {
      this(
          rollout,
          step,
          slice,
          snapshotSequence,
          weightMillionths,
          startMillis,
          endMillis,
          RequestSource.CLIENTS,
          canary,
          baseline);
    }
  }

  /// The current state of one request of an arrival slice; resent when it changes, and the last one
  /// counts.
  ///
  /// A session counts once, in the slice of its first request. Up to [#MAX_SESSION_REQUESTS] of its
  /// requests have records under that slice and index.
  ///
  /// @param index index of the request, or of its session, within the slice
  /// @param canary whether the canary was selected first
  /// @param outcome outcome of the *first attempt*
  /// @param ttftMicros time from arrival to the first token of the first attempt, -1 if there is
  ///   none yet
  /// @param itlMicros mean time between tokens, -1 while unknown or with fewer than two tokens
  /// @param e2eMicros time from arrival to the end of the first attempt, -1 while it is in progress
  /// @param truncated whether the stream broke after its first byte, or ended without a valid
  ///   finish reason
  /// @param traits traits of the first attempt's response; empty from a gateway of the previous
  ///   version
  /// @param turn 0 without a session, otherwise the position in the session, from 1; 0 from a
  ///   gateway of the previous version
  /// @param quality grade of the first attempt's response in thousandths, 1000 for the best;
  ///   [#NO_GRADE] without a grade (yet), [#NOT_GRADED] outside the graded sample and from a
  ///   gateway of the previous version
  /// @param form form of response that the client requested; [ResponseForm#UNKNOWN] from a gateway
  ///   of the previous version
  /// @param content whether the first attempt's response has content, once ended;
  ///   [AnswerContent#UNKNOWN] from a gateway of the previous version
  /// @param prefillTokens prompt tokens that the first attempt's replica is expected to process:
  ///   those of the body without its beginning that the replica received before, four bytes each; 0
  ///   before the attempt and from a gateway of the previous version
  public record RequestRecord(
      String rollout,
      long slice,
      int index,
      boolean canary,
      Outcome outcome,
      long ttftMicros,
      long itlMicros,
      long e2eMicros,
      int outputTokens,
      boolean truncated,
      Set<Trait> traits,
      @JsonDeserialize(using = IntIfAbsent.Zero.class) int turn,
      @JsonDeserialize(using = IntIfAbsent.NotGraded.class) int quality,
      ResponseForm form,
      AnswerContent content,
      @JsonDeserialize(using = IntIfAbsent.Zero.class) int prefillTokens) {
    public RequestRecord {
      Objects.requireNonNull(rollout, "rollout");
      Objects.requireNonNull(outcome, "outcome");
      traits = traits == null ? Set.of() : Set.copyOf(traits);
      form = form == null ? ResponseForm.UNKNOWN : form;
      content = content == null ? AnswerContent.UNKNOWN : content;
      if (turn < 0 || turn > MAX_SESSION_REQUESTS) {
        throw new IllegalArgumentException(
            "turn must be from 0 to %d but is %d".formatted(MAX_SESSION_REQUESTS, turn));
      }
      if (quality < NOT_GRADED || quality > BEST) {
        throw new IllegalArgumentException(
            "quality must be from %d to %d but is %d".formatted(NOT_GRADED, BEST, quality));
      }
      if (prefillTokens < 0) {
        throw new IllegalArgumentException(
            "prefillTokens must not be negative but is " + prefillTokens);
      }
    }

    /// A record of a request that was not sent yet.
    public RequestRecord(
        String rollout,
        long slice,
        int index,
        boolean canary,
        Outcome outcome,
        long ttftMicros,
        long itlMicros,
        long e2eMicros,
        int outputTokens,
        boolean truncated,
        Set<Trait> traits,
        int turn,
        int quality,
        ResponseForm form,
        AnswerContent content) {
      this(
          rollout,
          slice,
          index,
          canary,
          outcome,
          ttftMicros,
          itlMicros,
          e2eMicros,
          outputTokens,
          truncated,
          traits,
          turn,
          quality,
          form,
          content,
          0);
    }

    /// A record of unknown form.
    public RequestRecord(
        String rollout,
        long slice,
        int index,
        boolean canary,
        Outcome outcome,
        long ttftMicros,
        long itlMicros,
        long e2eMicros,
        int outputTokens,
        boolean truncated,
        Set<Trait> traits,
        int turn,
        int quality) {
      this(
          rollout,
          slice,
          index,
          canary,
          outcome,
          ttftMicros,
          itlMicros,
          e2eMicros,
          outputTokens,
          truncated,
          traits,
          turn,
          quality,
          ResponseForm.UNKNOWN,
          AnswerContent.UNKNOWN);
    }

    /// A record outside the graded sample.
    public RequestRecord(
        String rollout,
        long slice,
        int index,
        boolean canary,
        Outcome outcome,
        long ttftMicros,
        long itlMicros,
        long e2eMicros,
        int outputTokens,
        boolean truncated,
        Set<Trait> traits,
        int turn) {
      this(
          rollout,
          slice,
          index,
          canary,
          outcome,
          ttftMicros,
          itlMicros,
          e2eMicros,
          outputTokens,
          truncated,
          traits,
          turn,
          NOT_GRADED);
    }

    /// A copy with another grade.
    public RequestRecord graded(int other) {
      return new RequestRecord(
          rollout,
          slice,
          index,
          canary,
          outcome,
          ttftMicros,
          itlMicros,
          e2eMicros,
          outputTokens,
          truncated,
          traits,
          turn,
          other,
          form,
          content,
          prefillTokens);
    }

    /// A copy with the expected work before the first token.
    ///
    /// @param tokens from 0
    public RequestRecord withPrefillTokens(int tokens) {
      return new RequestRecord(
          rollout,
          slice,
          index,
          canary,
          outcome,
          ttftMicros,
          itlMicros,
          e2eMicros,
          outputTokens,
          truncated,
          traits,
          turn,
          quality,
          form,
          content,
          tokens);
    }

    /// A copy with the requested form and the presence of content.
    public RequestRecord withForm(ResponseForm what, AnswerContent answered) {
      return new RequestRecord(
          rollout,
          slice,
          index,
          canary,
          outcome,
          ttftMicros,
          itlMicros,
          e2eMicros,
          outputTokens,
          truncated,
          traits,
          turn,
          quality,
          what,
          answered,
          prefillTokens);
    }

    /// A record without a session.
    public RequestRecord(
        String rollout,
        long slice,
        int index,
        boolean canary,
        Outcome outcome,
        long ttftMicros,
        long itlMicros,
        long e2eMicros,
        int outputTokens,
        boolean truncated,
        Set<Trait> traits) {
      this(
          rollout,
          slice,
          index,
          canary,
          outcome,
          ttftMicros,
          itlMicros,
          e2eMicros,
          outputTokens,
          truncated,
          traits,
          0);
    }

    /// A record with times only.
    public RequestRecord(
        String rollout,
        long slice,
        int index,
        boolean canary,
        Outcome outcome,
        long ttftMicros,
        long itlMicros,
        long e2eMicros,
        int outputTokens,
        boolean truncated) {
      this(
          rollout,
          slice,
          index,
          canary,
          outcome,
          ttftMicros,
          itlMicros,
          e2eMicros,
          outputTokens,
          truncated,
          Set.of());
    }
  }

  /// Properties of a response other than its times.
  public enum Trait {
    /// The request required JSON.
    JSON_ASKED,
    /// The response is not JSON although the request required it.
    INVALID_JSON,
    /// The response is a refusal.
    REFUSAL,
    /// The response contains a repetition loop.
    REPETITION
  }

  /// Half a second of arrivals of one observed rollout, reported when all of them are older than a
  /// second: the requests that failed by then without a first token, and the streams that were cut
  /// by then (a gateway of the previous version does not count these). Requests whose end is not
  /// attributable to the engine are excluded. Windows without requests are not sent.
  ///
  /// @param weightMillionths the canary weight that was actually used, above 0
  /// @param stratum source of its requests; clients from a gateway of the previous version
  public record FastSlice(
      String rollout,
      int step,
      int weightMillionths,
      long startMillis,
      long endMillis,
      RequestSource stratum,
      int canary,
      int canaryFailed,
      int baseline,
      int baselineFailed) {
    public FastSlice {
      stratum = stratum == null ? RequestSource.CLIENTS : stratum;
    }

    /// A slice of client requests.
    public FastSlice(
        String rollout,
        int step,
        int weightMillionths,
        long startMillis,
        long endMillis,
        int canary,
        int canaryFailed,
        int baseline,
        int baselineFailed) {
      this(
          rollout,
          step,
          weightMillionths,
          startMillis,
          endMillis,
          RequestSource.CLIENTS,
          canary,
          canaryFailed,
          baseline,
          baselineFailed);
    }
  }

  /// Agreement of the two responses to mirrored requests, for pairs completed since the last batch.
  ///
  /// @param pairs number of compared response pairs, above 0
  /// @param similarityMillionths sum of the similarities, each 0 to 1,000,000
  /// @param greedy pairs of requests with temperature 0, whose responses should be identical
  /// @param identical pairs among `greedy` with identical responses, character by character
  public record Agreement(
      String rollout, int step, int pairs, long similarityMillionths, int greedy, int identical) {
    public Agreement {
      if (pairs < 1 || greedy > pairs || identical > greedy) {
        throw new IllegalArgumentException(
            "needs identical <= greedy <= pairs and pairs >= 1, but has %d, %d, %d"
                .formatted(pairs, greedy, identical));
      }
    }
  }

  /// The cause of an attempt's end.
  public enum Outcome {
    /// Still in progress.
    PENDING,
    SUCCESS,
    /// The engine failed: connection, 5xx, timeout.
    FAILURE,
    /// The engine reported overload: 429 or 503.
    BACKPRESSURE,
    /// Not attributable to the engine: a client error (4xx) or a cancellation.
    NEUTRAL
  }
}
