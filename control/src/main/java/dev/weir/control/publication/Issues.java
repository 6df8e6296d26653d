// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.publication;

import dev.weir.snapshot.ControlLink.Published;
import dev.weir.snapshot.Editions;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The snapshots that were published lately: since when each is out, and with which hashes. What a
/// gateway says it serves is checked against it.
///
/// After a restart only the newest is known.
public final class Issues {
  private static final int MOST = 256;

  private final TreeMap<Long, Issue> bySequence = new TreeMap<>();

  private record Issue(Instant at, Map<Integer, String> hashes) {}

  /// What a hash is to the snapshot of its sequence.
  public enum Check {
    RIGHT,
    WRONG,
    /// That sequence is not known any more.
    UNKNOWN
  }

  synchronized void add(Editions editions) {
    Published any = editions.byFormat().values().iterator().next();
    Map<Integer, String> hashes =
        editions.byFormat().entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().hash()));
    bySequence.put(editions.sequence(), new Issue(any.snapshot().publishedAt(), hashes));
    if (bySequence.size() > MOST) {
      bySequence.pollFirstEntry();
    }
  }

  /// @param format that the gateway is given; any, when it is not known
  public synchronized Check check(long sequence, Optional<Integer> format, String hash) {
    Issue issue = bySequence.get(sequence);
    if (issue == null) {
      return Check.UNKNOWN;
    }
    boolean right =
        issue.hashes().entrySet().stream()
            .filter(e -> format.map(e.getKey()::equals).orElse(true))
            .anyMatch(e -> e.getValue().equals(hash));
    return right ? Check.RIGHT : Check.WRONG;
  }

  /// Since when there has been a newer snapshot than that; empty while there is none.
  public synchronized Optional<Instant> overtakenAt(long sequence) {
    return Optional.ofNullable(bySequence.higherEntry(sequence)).map(e -> e.getValue().at());
  }
}
