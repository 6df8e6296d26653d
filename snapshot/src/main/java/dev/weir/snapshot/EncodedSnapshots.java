// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// One snapshot in each supported format: the same sequence with different bytes and hashes. An
/// older format is encoded when a gateway needs it.
public final class EncodedSnapshots {
  private final EncodedSnapshot newest;
  private final Map<Integer, Encoding> older = new ConcurrentHashMap<>();

  @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
  private record Encoding(byte[] bytes, String hash) {}

  private EncodedSnapshots(EncodedSnapshot newest) {
    this.newest = newest;
  }

  public static EncodedSnapshots of(RoutingSnapshot snapshot) {
    return new EncodedSnapshots(EncodedSnapshot.of(snapshot, Optional.empty()));
  }

  /// The next snapshot; only entries that differ are encoded.
  public EncodedSnapshots next(RoutingSnapshot snapshot) {
    return new EncodedSnapshots(EncodedSnapshot.of(snapshot, Optional.of(newest)));
  }

  /// The snapshot in the newest format.
  public EncodedSnapshot newest() {
    return newest;
  }

  public long sequence() {
    return newest.snapshot().sequence();
  }

  /// The bytes in one format.
  ///
  /// @throws IllegalArgumentException when this program does not write the format
  public byte[] bytes(int format) {
    return isNewest(format) ? newest.bytes() : older(format).bytes();
  }

  private Encoding older(int format) {
    return older.computeIfAbsent(
        format,
        _ -> {
          byte[] bytes = SnapshotCodec.encode(SnapshotFormats.convert(format, newest.snapshot()));
          return new Encoding(bytes, SnapshotCodec.hash(bytes));
        });
  }

  /// Whether a gateway that serves this sequence with this hash serves the published bytes.
  ///
  /// @param format format that the gateway receives; empty when unknown, in which case the hash of
  ///   any format matches
  public boolean matches(Optional<Integer> format, String hash) {
    return SnapshotFormats.READABLE.reversed().stream()
        .filter(each -> format.map(each::equals).orElse(true))
        .anyMatch(each -> hash(each).equals(hash));
  }

  private String hash(int format) {
    return isNewest(format) ? newest.hash() : older(format).hash();
  }

  private static boolean isNewest(int format) {
    return format == RoutingSnapshot.FORMAT_VERSION;
  }
}
