// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.telemetry;

import dev.weir.snapshot.Telemetry.Agreement;
import dev.weir.snapshot.Telemetry.ArrivalSlice;
import dev.weir.snapshot.Telemetry.FastSlice;
import dev.weir.snapshot.Telemetry.RequestRecord;
import java.util.List;

/// The part of a telemetry batch that belongs to one rollout, stored until its slices are consumed.
///
/// @param sequence the order of acceptance, increasing within the rollout
/// @param receivedMillis on the control clock
/// @param nowMillis the gateway's clock when it sent the batch; only differences from other times
///   of the same gateway and boot are meaningful
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
    // Data of an earlier version of Weir has neither.
    fast = fast == null ? List.of() : List.copyOf(fast);
    agreements = agreements == null ? List.of() : List.copyOf(agreements);
  }

  String key(String rollout) {
    return key(rollout, sequence);
  }

  static String key(String rollout, long sequence) {
    return "%s/%012d".formatted(rollout, sequence);
  }

  /// Converts a time of the gateway's clock to the control clock by its age at sending. Ignores the
  /// transmission time, which makes a slice appear younger, never older.
  long onLookClock(long gatewayMillis) {
    return receivedMillis - Math.max(0, nowMillis - gatewayMillis);
  }
}
