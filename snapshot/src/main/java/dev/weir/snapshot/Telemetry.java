// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.util.List;
import java.util.Map;

/// What a gateway sends back, twice a second: a heartbeat that acknowledges the snapshot it serves,
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
    List<InFlight> inFlight) {
  /// The most replicas that one batch may name as busy.
  public static final int MAX_IN_FLIGHT = 10_000;

  public Telemetry {
    formatVersions = List.copyOf(formatVersions);
    slices = List.copyOf(slices);
    arrivals = List.copyOf(arrivals);
    records = List.copyOf(records);
    inFlight = List.copyOf(inFlight);
    if (inFlight.size() > MAX_IN_FLIGHT) {
      throw new IllegalArgumentException(
          "%d replicas in flight, a batch names at most %d"
              .formatted(inFlight.size(), MAX_IN_FLIGHT));
    }
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
  ///   (bucket 999); same for `itl` (mean per request) and `e2e`
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
      Map<Integer, Long> e2e) {
    public ReplicaSlice {
      ttft = Map.copyOf(ttft);
      itl = Map.copyOf(itl);
      e2e = Map.copyOf(e2e);
    }
  }

  /// A closed arrival slice of one observed rollout: how many requests arrived in each arm while
  /// one snapshot was served. Closed every 5 s, and at every snapshot swap that changes the
  /// service's arms.
  ///
  /// @param slice 0, 1, 2 ... within (boot, rollout)
  /// @param snapshotSequence the snapshot under which all of its requests were routed
  /// @param weightMillionths the canary weight that was really used; 0 when the lease had ended
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
      int canary,
      int baseline) {}

  /// One request of an arrival slice as it stands; sent again when it changes, the last one counts.
  ///
  /// @param index of the request within the slice
  /// @param canary the arm of the version first chosen
  /// @param outcome of the *first attempt*
  /// @param ttftMicros from arrival to the first token of the first attempt, -1 while there is none
  /// @param itlMicros mean gap between tokens, -1 while unknown or fewer than two tokens came
  /// @param e2eMicros from arrival to the end of the first attempt, -1 while it runs
  /// @param truncated the stream broke after its first byte, or ended without a legal finish reason
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
      boolean truncated) {}

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
