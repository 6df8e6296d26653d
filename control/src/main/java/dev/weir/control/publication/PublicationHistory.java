// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.snapshot.EncodedSnapshots;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeMap;

/// The recently published snapshots. The hash that a gateway reports is checked against them.
/// Snapshots share their unchanged entries, so each costs little memory.
///
/// After a restart only the newest snapshot is known.
public final class PublicationHistory {
  private static final int MOST = 256;

  private final TreeMap<Long, EncodedSnapshots> bySequence = new TreeMap<>();

  /// The relation of a hash to the snapshot with its sequence.
  public enum Check {
    RIGHT,
    WRONG,
    /// The sequence is no longer known.
    UNKNOWN
  }

  synchronized void add(EncodedSnapshots encodedSnapshots) {
    bySequence.put(encodedSnapshots.sequence(), encodedSnapshots);
    if (bySequence.size() > MOST) {
      bySequence.pollFirstEntry();
    }
  }

  /// @param format of the gateway's snapshots; empty when it is not known
  public Check check(long sequence, Optional<Integer> format, String hash) {
    return published(sequence)
        .map(snapshots -> snapshots.matches(format, hash) ? Check.RIGHT : Check.WRONG)
        .orElse(Check.UNKNOWN);
  }

  private synchronized Optional<EncodedSnapshots> published(long sequence) {
    return Optional.ofNullable(bySequence.get(sequence));
  }

  /// The publication time of the next newer snapshot; empty when there is none.
  public synchronized Optional<Instant> overtakenAt(long sequence) {
    return Optional.ofNullable(bySequence.higherEntry(sequence))
        .map(e -> e.getValue().newest().snapshot().publishedAt());
  }
}
