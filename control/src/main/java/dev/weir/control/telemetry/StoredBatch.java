// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.telemetry;

import dev.weir.snapshot.Telemetry.Agreement;
import dev.weir.snapshot.Telemetry.ArrivalSlice;
import dev.weir.snapshot.Telemetry.FastSlice;
import dev.weir.snapshot.Telemetry.RequestRecord;
import java.util.List;

/// One rollout's part of one telemetry batch, as kept until its slices are consumed.
///
/// @param sequence place in the order of acceptance, rising within the rollout
/// @param receivedMillis on the control clock
/// @param nowMillis the gateway's clock when it sent the batch; only differences to other times of
///   the same gateway and boot mean anything
/// @param missing slices and batches known to be lost before this one
record StoredBatch(
    long sequence,
    String gateway,
    String boot,
    long receivedMillis,
    long nowMillis,
    long missing,
    List<ArrivalSlice> arrivals,
    List<RequestRecord> records,
    List<FastSlice> fast,
    List<Agreement> agreements) {
  static final String COLLECTION = "cohorts";

  StoredBatch {
    arrivals = List.copyOf(arrivals);
    records = List.copyOf(records);
    // Of the program before there are none.
    fast = fast == null ? List.of() : List.copyOf(fast);
    agreements = agreements == null ? List.of() : List.copyOf(agreements);
  }

  String key(String rollout) {
    return key(rollout, sequence);
  }

  static String key(String rollout, long sequence) {
    return "%s/%012d".formatted(rollout, sequence);
  }

  /// Moves a moment of the gateway's clock onto the control clock by its age at sending. The time
  /// the batch travelled is lost, which makes a slice look younger, never older.
  long onLookClock(long gatewayMillis) {
    return receivedMillis - Math.max(0, nowMillis - gatewayMillis);
  }
}
