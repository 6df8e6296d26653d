// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.snapshot.ControlLink.Published;
import dev.weir.snapshot.EncodedSnapshot;
import dev.weir.snapshot.EncodedSnapshots;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.SnapshotFrames;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Encodes published snapshots for gateways. Each snapshot and each delta is encoded once, however
/// many gateways get it.
final class SnapshotEncoder {
  /// A stream sends a whole snapshot after this many deltas, so that an error that no hash shows
  /// cannot last.
  private static final int MOST_DELTAS = 1_000;

  /// Gateways that are slow at one time ask for deltas from different snapshots.
  private static final int MOST_FRAMES = 32;

  private final ReentrantLock lock = new ReentrantLock();
  private final SequencedMap<FrameKey, byte[]> frames = new LinkedHashMap<>();
  private @Nullable EncodedSnapshots newest;

  /// @param from hash of the snapshot at which a delta starts; empty for a whole snapshot
  private record FrameKey(int format, String from, String hash) {}

  /// The frames of one stream to one gateway.
  final class FrameStream {
    private final int format;
    private final boolean deltas;
    private @Nullable EncodedSnapshot sent;
    private int deltasInARow;

    private FrameStream(int format, boolean deltas) {
      this.format = format;
      this.deltas = deltas && format == RoutingSnapshot.FORMAT_VERSION;
    }

    /// The frame that brings the gateway from the snapshot before to this one.
    byte[] next(Published published) {
      EncodedSnapshots now = encoded(published);
      EncodedSnapshot before = sent;
      sent = now.newest();
      boolean whole = !deltas || before == null || deltasInARow >= MOST_DELTAS;
      Optional<byte[]> delta = whole ? Optional.empty() : delta(before, now.newest());
      deltasInARow = delta.isPresent() ? deltasInARow + 1 : 0;
      return delta.orElseGet(() -> whole(now, format));
    }
  }

  /// @param format that the gateway reads
  /// @param deltas whether the gateway reads deltas
  FrameStream stream(int format, boolean deltas) {
    return new FrameStream(format, deltas);
  }

  private EncodedSnapshots encoded(Published published) {
    lock.lock();
    try {
      EncodedSnapshots known = newest;
      if (known == null || !known.newest().hash().equals(published.hash())) {
        known =
            known == null
                ? EncodedSnapshots.of(published.snapshot())
                : known.next(published.snapshot());
        newest = known;
      }
      return known;
    } finally {
      lock.unlock();
    }
  }

  private byte[] whole(EncodedSnapshots now, int format) {
    return frame(
            new FrameKey(format, "", now.newest().hash()),
            () -> Optional.of(SnapshotFrames.snapshot(now.sequence(), now.bytes(format))))
        .orElseThrow();
  }

  private Optional<byte[]> delta(@Nullable EncodedSnapshot before, EncodedSnapshot now) {
    return before == null
        ? Optional.empty()
        : frame(
            new FrameKey(RoutingSnapshot.FORMAT_VERSION, before.hash(), now.hash()),
            () -> SnapshotFrames.delta(before, now));
  }

  private Optional<byte[]> frame(FrameKey key, Supplier<Optional<byte[]>> encode) {
    lock.lock();
    try {
      byte[] known = frames.get(key);
      if (known != null) {
        return Optional.of(known);
      }
      Optional<byte[]> made = encode.get();
      made.ifPresent(bytes -> remember(key, bytes));
      return made;
    } finally {
      lock.unlock();
    }
  }

  private void remember(FrameKey key, byte[] bytes) {
    frames.put(key, bytes);
    if (frames.size() > MOST_FRAMES) {
      Map.Entry<FrameKey, byte[]> _ = frames.pollFirstEntry();
    }
  }
}
