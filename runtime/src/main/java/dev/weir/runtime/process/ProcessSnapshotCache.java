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

/// Looks at all processes of the machine for all replicas of a provider: however many replicas are
/// ending, the machine is looked through 25 times a second at most.
final class ProcessSnapshotCache {
  private static final long LASTS_NANOS = Duration.ofMillis(40).toNanos();

  private final ProcessTable table;
  private final LongSupplier nanos;
  private @Nullable View last;

  /// @param nanos monotonic
  ProcessSnapshotCache(ProcessTable table, LongSupplier nanos) {
    this.table = table;
    this.nanos = nanos;
  }

  ProcessTable table() {
    return table;
  }

  /// One that is 40 ms old at most.
  synchronized View recent() {
    View view = last;
    return view != null && nanos.getAsLong() - view.takenNanos < LASTS_NANOS ? view : now();
  }

  /// One that began after this call.
  synchronized View now() {
    View view = new View(table, nanos.getAsLong());
    last = view;
    return view;
  }

  /// All processes as they were at one time.
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

    /// When it was taken: another time is another view.
    long takenNanos() {
      return takenNanos;
    }

    /// Zombies too.
    List<Entry> entries() {
      return entries;
    }

    Marks marks(Entry entry) {
      return marks.computeIfAbsent(entry.identity(), identity -> table.marks(identity.pid()));
    }
  }
}
