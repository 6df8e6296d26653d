// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.snapshot.Telemetry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/// Batches that the control plane has not acknowledged, oldest first. Bounded in batches and in
/// items; when it is full the oldest batch is dropped, and the next new batch reports the loss.
final class TelemetryBuffer {
  private final int maxBatches;
  private final long maxItems;
  private final Deque<Telemetry> unacknowledged = new ArrayDeque<>();
  private long items;
  private long lastBatch;
  private long lostSinceLastBatch;
  private long lostEver;

  TelemetryBuffer(int maxBatches, long maxItems) {
    this.maxBatches = maxBatches;
    this.maxItems = maxItems;
  }

  /// Creates a batch from its number and the loss to report.
  @FunctionalInterface
  interface BatchFactory {
    Telemetry make(long batch, long lostBatches);
  }

  synchronized void add(BatchFactory maker) {
    Telemetry created = maker.make(++lastBatch, lostSinceLastBatch);
    lostSinceLastBatch = 0;
    unacknowledged.addLast(created);
    items += items(created);
    while (unacknowledged.size() > 1 && (unacknowledged.size() > maxBatches || items > maxItems)) {
      dropOldest();
      countLoss();
    }
  }

  synchronized Optional<Telemetry> oldest() {
    return Optional.ofNullable(unacknowledged.peekFirst());
  }

  /// The control plane has stored this batch and all earlier ones.
  synchronized void acknowledged(long batch) {
    while (!unacknowledged.isEmpty() && unacknowledged.getFirst().batch() <= batch) {
      dropOldest();
    }
  }

  /// The control plane rejected this batch permanently.
  synchronized void refused(long batch) {
    if (!unacknowledged.isEmpty() && unacknowledged.getFirst().batch() == batch) {
      dropOldest();
      countLoss();
    }
  }

  /// Records that data for a batch was lost; it is reported as one lost batch.
  synchronized void countLoss() {
    lostSinceLastBatch++;
    lostEver++;
  }

  synchronized int size() {
    return unacknowledged.size();
  }

  synchronized long lostTotal() {
    return lostEver;
  }

  private void dropOldest() {
    items -= items(unacknowledged.removeFirst());
  }

  private static long items(Telemetry batch) {
    return 1L
        + batch.slices().size()
        + batch.arrivals().size()
        + batch.records().size()
        + batch.fast().size()
        + batch.agreements().size()
        + batch.inFlight().size();
  }
}
