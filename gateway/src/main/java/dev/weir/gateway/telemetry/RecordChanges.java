// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import dev.weir.snapshot.Telemetry.RequestRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Entries that changed since they were last taken. Bounded: changes that do not fit are lost and
/// counted.
final class RecordChanges {
  private final ConcurrentLinkedQueue<RequestEntry> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();
  private final AtomicLong lost = new AtomicLong();
  private final int capacity;

  RecordChanges(int capacity) {
    this.capacity = capacity;
  }

  /// @return false if the queue is full; the change is lost then
  boolean offer(RequestEntry entry) {
    if (size.incrementAndGet() > capacity) {
      size.decrementAndGet();
      lost.incrementAndGet();
      return false;
    }
    return queue.add(entry);
  }

  /// Takes the records of at most `most` entries, oldest first.
  List<RequestRecord> take(int most) {
    List<RequestRecord> taken = new ArrayList<>(Math.min(most, size.get()));
    while (taken.size() < most) {
      RequestEntry entry = queue.poll();
      if (entry == null) {
        break;
      }
      size.decrementAndGet();
      taken.add(entry.take());
    }
    return taken;
  }

  /// Number of changes lost since the start.
  long lost() {
    return lost.get();
  }
}
