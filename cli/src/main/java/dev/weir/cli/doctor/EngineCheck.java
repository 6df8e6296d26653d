// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.doctor;

import dev.weir.cli.text.EngineText;
import dev.weir.model.view.EngineView;
import dev.weir.model.view.ReplicaView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Checks for engines that do not report all metrics. They serve normally, because Weir does not
/// interpret missing metrics as load; only monitoring shows less.
final class EngineCheck {
  private static final int MAX_NAMES = 3;

  /// Engines are polled every few seconds.
  private static final Duration MAX_SILENCE = Duration.ofSeconds(30);

  private EngineCheck() {}

  /// Returns one finding for all engines that lack the same metrics.
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
  /// @param what the symptom
  private record MissingCapability(String engine, String what, String remedy) {
    static Optional<MissingCapability> of(EngineView engine, Instant now) {
      String name = EngineText.name(engine);
      if (silent(engine, now)) {
        return Optional.of(
            new MissingCapability(name, "does not report its load", engine.problem()));
      }
      return Optional.of(engine.missing())
          .filter(missing -> !missing.isEmpty())
          .map(missing ->
              new MissingCapability(
                  name,
                  "does not report " + String.join(", ", missing),
                  engine.problem().isEmpty()
                      ? "check its /metrics and its version"
                      : engine.problem()));
    }

    /// Whether polling has failed recently; false for an engine that has just become ready.
    private static boolean silent(EngineView engine, Instant now) {
      boolean stale =
          engine
              .seenAt()
              .map(at -> Duration.between(at, now).compareTo(MAX_SILENCE) > 0)
              .orElse(engine.problem().startsWith("GET "));
      return stale && !engine.problem().isEmpty();
    }

    CheckResult finding(List<ReplicaView> replicas) {
      String names =
          replicas.stream()
              .limit(MAX_NAMES)
              .map(ReplicaView::name)
              .collect(Collectors.joining(", "));
      int more = replicas.size() - MAX_NAMES;
      String where = names + (more > 0 ? " and " + more + " more" : "");
      return CheckResult.warning("metrics", engine + " at " + where + " " + what, remedy);
    }
  }
}
