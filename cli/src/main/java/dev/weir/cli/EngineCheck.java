// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.text.EngineText;
import dev.weir.model.EngineView;
import dev.weir.model.ReplicaView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Checks which engines do not report the figures that they should. They serve as well as others,
/// because Weir does not mistake missing figures for load; only monitoring shows less.
final class EngineCheck {
  private static final int MOST_NAMES = 3;

  /// Of an engine that is asked every few seconds.
  private static final Duration SILENCE = Duration.ofSeconds(30);

  private EngineCheck() {}

  /// One finding for all engines with the same lack.
  static List<CheckResult> findings(List<ReplicaView> replicas, Instant now) {
    Map<MissingCapability, List<ReplicaView>> missingCapabilities =
        new TreeMap<>(Comparator.comparing(MissingCapability::toString));
    for (ReplicaView replica : replicas) {
      replica
          .engine()
          .flatMap(engine -> MissingCapability.of(engine, now))
          .ifPresent(missingCapability ->
              missingCapabilities
                  .computeIfAbsent(missingCapability, _ -> new ArrayList<>())
                  .add(replica));
    }
    return missingCapabilities.entrySet().stream()
        .map(entry -> entry.getKey().finding(entry.getValue()))
        .toList();
  }

  /// @param engine type and version
  /// @param what it does, or rather not
  private record MissingCapability(String engine, String what, String todo) {
    static Optional<MissingCapability> of(EngineView engine, Instant now) {
      String name = EngineText.name(engine);
      if (silent(engine, now)) {
        return Optional.of(
            new MissingCapability(name, "does not say how busy it is", engine.problem()));
      }
      return Optional.of(engine.missing())
          .filter(missing -> !missing.isEmpty())
          .map(missing ->
              new MissingCapability(
                  name,
                  "shows no " + String.join(", ", missing),
                  engine.problem().isEmpty()
                      ? "see what its /metrics shows, and its version"
                      : engine.problem()));
    }

    /// One that could not be asked lately; not one that has only just become ready.
    private static boolean silent(EngineView engine, Instant now) {
      boolean old =
          engine
              .seenAt()
              .map(at -> Duration.between(at, now).compareTo(SILENCE) > 0)
              .orElse(engine.problem().startsWith("GET "));
      return old && !engine.problem().isEmpty();
    }

    CheckResult finding(List<ReplicaView> replicas) {
      String names =
          replicas.stream()
              .limit(MOST_NAMES)
              .map(ReplicaView::name)
              .collect(Collectors.joining(", "));
      int more = replicas.size() - MOST_NAMES;
      String where = names + (more > 0 ? " and " + more + " more" : "");
      return CheckResult.warning("metrics", engine + " at " + where + " " + what, todo);
    }
  }
}
