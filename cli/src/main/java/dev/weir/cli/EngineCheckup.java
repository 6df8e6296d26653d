// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.text.EngineText;
import dev.weir.model.EngineView;
import dev.weir.model.ReplicaView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Which engines do not tell what they should. They serve none the worse for it, for Weir takes no
/// silence for load; people see less of them.
final class EngineCheckup {
  private static final int MOST_NAMES = 3;

  private EngineCheckup() {}

  /// One finding for all engines with the same lack.
  static List<Finding> findings(List<ReplicaView> replicas) {
    Map<Lack, List<ReplicaView>> lacks = new TreeMap<>();
    for (ReplicaView replica : replicas) {
      replica
          .engine()
          .filter(engine -> !engine.missing().isEmpty())
          .ifPresent(engine ->
              lacks.computeIfAbsent(Lack.of(engine), _ -> new ArrayList<>()).add(replica));
    }
    return lacks.entrySet().stream()
        .map(entry -> entry.getKey().finding(entry.getValue()))
        .toList();
  }

  /// @param engine type and version
  private record Lack(String engine, String missing, String problem) implements Comparable<Lack> {
    static Lack of(EngineView engine) {
      return new Lack(
          EngineText.name(engine), String.join(", ", engine.missing()), engine.problem());
    }

    Finding finding(List<ReplicaView> replicas) {
      String names =
          replicas.stream()
              .limit(MOST_NAMES)
              .map(ReplicaView::name)
              .collect(Collectors.joining(", "));
      int more = replicas.size() - MOST_NAMES;
      return Finding.warning(
          "metrics",
          engine
              + " at "
              + names
              + (more > 0 ? " and " + more + " more" : "")
              + " shows no "
              + missing,
          problem.isEmpty() ? "see what its /metrics shows, and its version" : problem);
    }

    @Override
    public int compareTo(Lack other) {
      return toString().compareTo(other.toString());
    }
  }
}
