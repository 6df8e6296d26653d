// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.snapshot.ControlLink.Published;
import dev.weir.snapshot.EncodedSnapshots;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The recently published snapshots with publication time and hashes. The hash that a gateway
/// reports is checked against them.
///
/// After a restart only the newest snapshot is known.
public final class PublicationHistory {
  private static final int MOST = 256;

  private final TreeMap<Long, Publication> bySequence = new TreeMap<>();

  private record Publication(Instant at, Map<Integer, String> hashes) {}

  /// The relation of a hash to the snapshot with its sequence.
  public enum Check {
    RIGHT,
    WRONG,
    /// The sequence is no longer known.
    UNKNOWN
  }

  synchronized void add(EncodedSnapshots encodedSnapshots) {
    Published any = encodedSnapshots.byFormat().values().iterator().next();
    Map<Integer, String> hashes =
        encodedSnapshots.byFormat().entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().hash()));
    bySequence.put(
        encodedSnapshots.sequence(), new Publication(any.snapshot().publishedAt(), hashes));
    if (bySequence.size() > MOST) {
      bySequence.pollFirstEntry();
    }
  }

  /// @param format of the gateway's snapshots; empty when it is not known
  public synchronized Check check(long sequence, Optional<Integer> format, String hash) {
    Publication publication = bySequence.get(sequence);
    if (publication == null) {
      return Check.UNKNOWN;
    }
    boolean right =
        publication.hashes().entrySet().stream()
            .filter(e -> format.map(e.getKey()::equals).orElse(true))
            .anyMatch(e -> e.getValue().equals(hash));
    return right ? Check.RIGHT : Check.WRONG;
  }

  /// The publication time of the next newer snapshot; empty when there is none.
  public synchronized Optional<Instant> overtakenAt(long sequence) {
    return Optional.ofNullable(bySequence.higherEntry(sequence)).map(e -> e.getValue().at());
  }
}
