// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Which snapshot formats this program reads and writes, and how to convert a snapshot to an older
/// one.
///
/// A gateway says when it connects which formats it reads; it is given the newest that both sides
/// know. So either plane may be updated first, one format at a time.
public final class SnapshotFormats {
  /// What gateways read that do not say what they read.
  private static final int FIRST = 1;

  /// Rising; the last is the newest.
  public static final List<Integer> READABLE =
      List.of(RoutingSnapshot.FORMAT_VERSION - 1, RoutingSnapshot.FORMAT_VERSION);

  private static final int MOST_NAMED = 16;

  private SnapshotFormats() {}

  /// The newest format that this program and a reader of `theirs` have in common.
  public static Optional<Integer> best(Collection<Integer> theirs) {
    return theirs.stream().filter(READABLE::contains).max(Comparator.naturalOrder());
  }

  /// What `formats=1,2` says; nothing said means 1, as by gateways from before the question.
  ///
  /// @throws IllegalArgumentException when it is no list of numbers, or too long a one
  public static List<Integer> parse(String text) {
    if (text.isEmpty()) {
      return List.of(FIRST);
    }
    List<Integer> formats = new ArrayList<>();
    for (String part : text.split(",", MOST_NAMED + 1)) {
      if (!part.matches("[0-9]{1,6}")) {
        throw new IllegalArgumentException(
            "formats is at most %d numbers separated by commas, not '%s'"
                .formatted(MOST_NAMED, text));
      }
      formats.add(Integer.valueOf(part));
    }
    return List.copyOf(formats);
  }

  /// The snapshot as readers of a format are given it. Format 3 names no store.
  ///
  /// @throws IllegalArgumentException when this program does not write the format
  public static RoutingSnapshot in(int format, RoutingSnapshot snapshot) {
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
