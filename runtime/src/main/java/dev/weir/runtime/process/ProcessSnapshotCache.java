// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import dev.weir.runtime.process.ProcessTable.Entry;
import dev.weir.runtime.process.ProcessTable.Identity;
import dev.weir.runtime.process.ProcessTable.Marks;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Caches snapshots of the process table for all replicas of a provider, so that the table is read
/// at most 25 times per second.
final class ProcessSnapshotCache {
  private static final long MAX_AGE_NANOS = Duration.ofMillis(40).toNanos();

  private final ProcessTable table;
  private final LongSupplier nanos;
  private @Nullable View last;

  /// @param nanos monotonic clock
  ProcessSnapshotCache(ProcessTable table, LongSupplier nanos) {
    this.table = table;
    this.nanos = nanos;
  }

  ProcessTable table() {
    return table;
  }

  /// A snapshot that is at most 40 ms old.
  synchronized View recent() {
    View view = last;
    return view != null && nanos.getAsLong() - view.takenNanos < MAX_AGE_NANOS ? view : now();
  }

  /// A new snapshot.
  synchronized View now() {
    View view = new View(table, nanos.getAsLong());
    last = view;
    return view;
  }

  /// A snapshot of all processes.
  static final class View {
    private final ProcessTable table;
    private final long takenNanos;
    private final List<Entry> entries;
    private final Map<Identity, Marks> marks = new ConcurrentHashMap<>();

    private View(ProcessTable table, long takenNanos) {
      this.table = table;
      this.takenNanos = takenNanos;
      this.entries = List.copyOf(table.all());
    }

    /// When it was taken; identifies the snapshot.
    long takenNanos() {
      return takenNanos;
    }

    /// All processes, including zombies.
    List<Entry> entries() {
      return entries;
    }

    Marks marks(Entry entry) {
      return marks.computeIfAbsent(entry.identity(), identity -> table.marks(identity.pid()));
    }
  }
}
