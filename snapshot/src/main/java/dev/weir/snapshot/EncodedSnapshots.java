// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import dev.weir.snapshot.ControlLink.Published;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// One snapshot in each supported format: the same sequence with different bytes and hashes.
///
/// @param byFormat never empty; all have the same sequence
public record EncodedSnapshots(Map<Integer, Published> byFormat) {
  public EncodedSnapshots {
    byFormat = Collections.unmodifiableMap(new TreeMap<>(byFormat));
    if (byFormat.values().stream().map(p -> p.snapshot().sequence()).distinct().count() != 1) {
      throw new IllegalArgumentException(
          "encoded snapshots need at least one format and the same sequence");
    }
  }

  public static EncodedSnapshots of(RoutingSnapshot snapshot) {
    Map<Integer, Published> byFormat = new TreeMap<>();
    for (int format : SnapshotFormats.READABLE) {
      byFormat.put(format, SnapshotCodec.publish(SnapshotFormats.convert(format, snapshot)));
    }
    return new EncodedSnapshots(byFormat);
  }

  public long sequence() {
    return byFormat.values().iterator().next().snapshot().sequence();
  }

  /// Whether a gateway that serves this sequence with this hash serves the published bytes.
  ///
  /// @param format format that the gateway receives; empty when unknown, in which case the hash of
  ///   any format matches
  public boolean matches(Optional<Integer> format, String hash) {
    return byFormat.entrySet().stream()
        .filter(edition -> format.map(edition.getKey()::equals).orElse(true))
        .anyMatch(edition -> edition.getValue().hash().equals(hash));
  }
}
