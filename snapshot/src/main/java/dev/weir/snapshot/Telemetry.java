// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.annotation.JsonDeserialize;

/// What a gateway reports, twice a second: a heartbeat that acknowledges the snapshot it serves,
/// closed slices, and while a rollout is observed one record per request.
///
/// @param gateway stable id of the gateway
/// @param boot random id of this run; sequences restart with it
/// @param batch 1, 2, 3 ... within (gateway, boot); a batch is sent again until it is acknowledged,
///   and accepted once
/// @param version of the gateway's program
/// @param formatVersions the snapshot formats it reads
/// @param snapshotSequence the snapshot it serves, with its hash; 0 and empty before the first
/// @param nowMillis the gateway's own clock, UTC epoch; never compared with another clock
/// @param lostBatches batches given up since the last one because too many waited
/// @param fast what became of requests within a second of their arrival, per half second; of a
///   gateway of the version before there is none
/// @param agreements how far the two answers to mirrored requests agreed, each told once; of a
///   gateway of the version before there is none
/// @param problems of the gateway's own, in words for people: what it was told to do and cannot; of
///   a gateway of the version before none are told. At most [#MAX_PROBLEMS]
/// @param witness the store whose snapshots it takes, and the newest audit head that it was sent;
///   of a gateway of the version before, unknown
/// @param refusedStore identity of a store whose snapshots it refuses now because it takes those of
///   another one; empty for none
/// @param inFlight every replica with requests of this gateway in flight when the batch was made,
///   whether or not the acknowledged snapshot still has it: who is not named has none. Counted
///   after `snapshotSequence` was read. At most [#MAX_IN_FLIGHT]; see [#namesAllInFlight()]
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
  /// The most replicas that one batch may name as busy.
  public static final int MAX_IN_FLIGHT = 10_000;

  /// The most problems that one batch may tell of.
  public static final int MAX_PROBLEMS = 16;

  /// The most requests of one session that are told of in a step.
  public static final int MAX_TURNS = 5;

  /// [RequestRecord#quality] of the best answer.
  public static final int BEST = 1_000;

  /// [RequestRecord#quality] of an answer that nobody grades.
  public static final int NOT_GRADED = -2;

  /// [RequestRecord#quality] of an answer that is to be graded and has no grade.
  public static final int NO_GRADE = -1;

  /// How long after a session's first request in a step further ones still count with it.
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
          "%d problems, a batch tells of at most %d".formatted(problems.size(), MAX_PROBLEMS));
    }
    if (inFlight.size() > MAX_IN_FLIGHT) {
      throw new IllegalArgumentException(
          "%d replicas in flight, a batch names at most %d"
              .formatted(inFlight.size(), MAX_IN_FLIGHT));
    }
  }

  /// A batch of a gateway without problems that follows no store yet.
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

  /// Whether a replica that `inFlight` does not name has nothing in flight. A full list may have
  /// been cut short, so its silence means nothing.
  public boolean namesAllInFlight() {
    return inFlight.size() < MAX_IN_FLIGHT;
  }

  /// Requests of the gateway that a replica has not finished answering.
  ///
  /// @param service id of the service, `namespace/name`
  /// @param replica its name within the service, as snapshots have it
  /// @param count above 0
  public record InFlight(String service, String replica, int count) {
    public InFlight {
      if (count < 1) {
        throw new IllegalArgumentException(
            replica + " has " + count + " in flight; who has none is not named");
      }
    }
  }

  /// Counts of one replica over one slice, always sent. Attempts are counted, not requests.
  ///
  /// @param ttft counts by bucket of natural-log seconds, width 0.02 from -10 (bucket 0) to 10
  ///   (bucket 999); same for `itl` (mean per request) and `e2e`. Of answers in one piece the time
  ///   to the first byte
  /// @param firstBytes those of `ttft` that are first bytes of answers in one piece, so the others
  ///   are first tokens; of a gateway of the version before none are told apart
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

    /// Those of `ttft` that are first tokens of streams.
    public Map<Integer, Long> firstTokens() {
      Map<Integer, Long> tokens = new TreeMap<>(ttft);
      firstBytes.forEach((bucket, count) ->
          tokens.computeIfPresent(bucket, (_, all) -> all > count ? all - count : null));
      return tokens;
    }
  }

  /// A closed arrival slice of one observed rollout: how many requests arrived in each arm while
  /// one snapshot was served. Closed every 5 s, and at every snapshot swap that changes the
  /// service's arms.
  ///
  /// @param slice 0, 1, 2 ... within (boot, rollout)
  /// @param snapshotSequence the snapshot under which all of its requests were routed
  /// @param weightMillionths the canary weight that was really used; 0 when the lease had ended
  /// @param stratum where its requests come from; of a gateway of the version before, clients
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

    /// One of clients' requests.
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

  /// One request of an arrival slice as it stands; sent again when it changes, the last one counts.
  ///
  /// A session counts once, where its first request arrived. Up to [#MAX_TURNS] requests of it have
  /// a record there, under the first one's slice and index.
  ///
  /// @param index of the request, or of its session, within the slice
  /// @param canary the arm of the version first chosen
  /// @param outcome of the *first attempt*
  /// @param ttftMicros from arrival to the first token of the first attempt, -1 while there is none
  /// @param itlMicros mean gap between tokens, -1 while unknown or fewer than two tokens came
  /// @param e2eMicros from arrival to the end of the first attempt, -1 while it runs
  /// @param truncated the stream broke after its first byte, or ended without a legal finish reason
  /// @param traits of the first attempt's answer; of a gateway of the version before there are none
  /// @param turn 0 for a request of no session, else its place in the session, 1 for the first; of
  ///   a gateway of the version before 0
  /// @param quality the grade of the first attempt's answer in thousandths, 1000 for the best;
  ///   [#NO_GRADE] while it is to be graded and is not, [#NOT_GRADED] where it is not to be, as all
  ///   are of a gateway of the version before
  /// @param form what the client asked for; of a gateway of the version before
  ///   [ResponseForm#UNKNOWN]
  /// @param content whether the first attempt's answer has any, once ended; of a gateway of the
  ///   version before [AnswerContent#UNKNOWN]
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
      @JsonDeserialize(using = ZeroIfAbsent.class) int turn,
      @JsonDeserialize(using = NotGradedIfAbsent.class) int quality,
      ResponseForm form,
      AnswerContent content) {
    public RequestRecord {
      Objects.requireNonNull(rollout, "rollout");
      Objects.requireNonNull(outcome, "outcome");
      traits = traits == null ? Set.of() : Set.copyOf(traits);
      form = form == null ? ResponseForm.UNKNOWN : form;
      content = content == null ? AnswerContent.UNKNOWN : content;
      if (turn < 0 || turn > MAX_TURNS) {
        throw new IllegalArgumentException(
            "turn must be from 0 to %d but is %d".formatted(MAX_TURNS, turn));
      }
      if (quality < NOT_GRADED || quality > BEST) {
        throw new IllegalArgumentException(
            "quality must be from %d to %d but is %d".formatted(NOT_GRADED, BEST, quality));
      }
    }

    /// One of which it is not known what was asked for.
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

    /// One that nobody grades.
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

    /// The same with another grade.
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
          content);
    }

    /// The same, of which it is known what was asked for and whether it was answered by anything.
    public RequestRecord asked(ResponseForm what, AnswerContent answered) {
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
          answered);
    }

    /// One of no session.
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

    /// One of whose answer nothing is known but its times.
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

  /// What is known of an answer besides its times.
  public enum Trait {
    /// The request asked for JSON.
    JSON_ASKED,
    /// What it got instead is not JSON.
    INVALID_JSON,
    /// The answer is a refusal.
    REFUSAL,
    /// The answer ran into a loop.
    REPETITION
  }

  /// Half a second of arrivals of one observed rollout, told when the youngest of them is older
  /// than a second: who failed by then without a first token. Requests that ended by no doing of
  /// the engine's are left out. Windows without a request are not sent.
  ///
  /// @param weightMillionths the canary weight that was really used, above 0
  /// @param stratum where its requests come from; of a gateway of the version before, clients
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

    /// One of clients' requests.
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

  /// How far the two answers to mirrored requests agreed, of those of which both became whole since
  /// the last batch.
  ///
  /// @param pairs of answers that were compared, above 0
  /// @param similarityMillionths sum of their similarities, each 0 to 1,000,000
  /// @param greedy those of `pairs` that asked for temperature 0, where one may expect the same
  /// @param identical those of `greedy` whose answers were the same, character by character
  public record Agreement(
      String rollout, int step, int pairs, long similarityMillionths, int greedy, int identical) {
    public Agreement {
      if (pairs < 1 || greedy > pairs || identical > greedy) {
        throw new IllegalArgumentException(
            "pairs >= 1, greedy of them, identical of these; they are %d, %d, %d"
                .formatted(pairs, greedy, identical));
      }
    }
  }

  /// Whose doing an attempt's end was.
  public enum Outcome {
    /// Not over yet.
    PENDING,
    SUCCESS,
    /// The engine failed: connection, 5xx, timeout.
    FAILURE,
    /// The engine said it is full: 429 or 503.
    BACKPRESSURE,
    /// Not the engine's doing: the client's 4xx or its cancellation.
    NEUTRAL
  }
}
