// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The snapshot formats that this program reads and writes, and the conversion of a snapshot to an
/// older one.
///
/// A connecting gateway lists the formats that it reads, and receives the newest format that both
/// sides support. So either plane can be upgraded first, one format at a time.
public final class SnapshotFormats {
  /// The format of gateways that do not list their formats.
  private static final int FIRST = 1;

  /// In increasing order; the last is the newest.
  public static final List<Integer> READABLE =
      List.of(RoutingSnapshot.FORMAT_VERSION - 1, RoutingSnapshot.FORMAT_VERSION);

  private static final int MOST_NAMED = 16;

  private SnapshotFormats() {}

  /// The newest format that this program and a reader of `theirs` both support.
  public static Optional<Integer> newestCommon(Collection<Integer> theirs) {
    return theirs.stream().filter(READABLE::contains).max(Comparator.naturalOrder());
  }

  /// Parses the value of `formats=1,2`; an empty value means 1, for gateways that do not send it.
  ///
  /// @throws IllegalArgumentException when it is not a list of numbers, or too long
  public static List<Integer> parse(String text) {
    if (text.isEmpty()) {
      return List.of(FIRST);
    }
    List<Integer> formats = new ArrayList<>();
    for (String part : text.split(",", MOST_NAMED + 1)) {
      if (!part.matches("[0-9]{1,6}")) {
        throw new IllegalArgumentException(
            "formats must be at most %d numbers separated by commas, not '%s'"
                .formatted(MOST_NAMED, text));
      }
      formats.add(Integer.valueOf(part));
    }
    return List.copyOf(formats);
  }

  /// The snapshot for readers of a format. Format 3 has no store identity.
  ///
  /// @throws IllegalArgumentException when this program does not write the format
  public static RoutingSnapshot convert(int format, RoutingSnapshot snapshot) {
    if (!READABLE.contains(format)) {
      throw new IllegalArgumentException("formats " + READABLE + " are written, not " + format);
    }
    StoreHead store = snapshot.store();
    return new RoutingSnapshot(
        format,
        snapshot.sequence(),
        snapshot.revision(),
        snapshot.publishedAt(),
        format == SnapshotFormat3.NUMBER ? new StoreHead("", 0, store.auditHead()) : store,
        snapshot.leaseMillis(),
        snapshot.keys(),
        snapshot.routes(),
        snapshot.services());
  }
}
