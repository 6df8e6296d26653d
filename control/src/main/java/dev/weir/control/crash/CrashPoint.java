// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.crash;

import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// A named instant at which the control plane may die: between two effects on the store or on the
/// outside.
///
/// The catalogue is closed. The points of the rollout machine are derived from it: one for each
/// stage of each edge between phases and of each move within a phase, so a new phase adds its
/// points automatically. A move, a collection or an action that is not in the catalogue fails, and
/// the crash matrix fails for a point that no scenario passes.
///
/// @param name for example `rollout.progressing.promoting.committed`
public record CrashPoint(String name) implements Comparable<CrashPoint> {
  private static final Set<String> WRITTEN_COLLECTIONS =
      Set.of(
          "addresses",
          "alerts",
          "alerts.read",
          "analysis.begun",
          "baseline",
          "cohorts",
          "draining",
          "evidence",
          "gateways",
          "progress",
          "publication");

  private static final Set<String> REMOVED_COLLECTIONS =
      Set.of(
          "addresses",
          "alerts",
          "analysis.begun",
          "baseline",
          "cohorts",
          "cohorts.newest",
          "draining",
          "evidence",
          "gateways",
          "progress",
          "publication",
          "telemetry.marks");

  private static final NavigableSet<String> NAMES = names();

  /// A message was sent to a channel, and its delivery is not recorded yet.
  public static final CrashPoint ALERT_SENT = new CrashPoint("alert.sent");

  /// An analysis look was stored, and its input is deleted from the store but not from memory.
  public static final CrashPoint ANALYSIS_ADVANCED = new CrashPoint("analysis.advanced");

  /// An analysis state was deleted: it was unreadable, or its rollout has ended.
  public static final CrashPoint ANALYSIS_DELETED = new CrashPoint("analysis.deleted");

  /// Gateways can fetch a new snapshot.
  public static final CrashPoint HANDED_OUT = new CrashPoint("publication.handed-out");

  /// A telemetry batch is stored and processed, but not acknowledged.
  public static final CrashPoint TELEMETRY_TAKEN = new CrashPoint("telemetry.taken");

  /// The progress of a change.
  public enum Stage {
    /// The evidence is stored, nothing has changed.
    DECIDED,
    /// Stored with its audit entry, not published.
    COMMITTED,
    /// Gateways can fetch the resulting snapshot.
    PUBLISHED
  }

  /// Changes of a Service other than transitions of a rollout.
  public enum ChangeKind {
    /// A Service's first version becomes stable.
    SERVICE_FIRST,
    /// A Service that points at an ended rollout is corrected.
    SERVICE_PUT_RIGHT,
    /// An operator retries a failed release.
    SERVICE_RETRY,
    /// An operator cordons, drains or restarts a replica.
    REPLICA_ORDER,
    /// An order is complete, or its replica no longer exists.
    REPLICA_ORDER_OVER,
    /// An operator injects or clears a fault.
    FAULT,
    /// The duration of a fault has ended.
    FAULT_OVER,
    ROLLOUT_START,
    /// An operator returns to the previous version.
    ROLLOUT_UNDO
  }

  /// An action on a replica.
  public enum ReplicaAction {
    ENSURE,
    STOP,
    RESTART
  }

  /// Moves that leave a rollout in its phase.
  private enum PhaseMove {
    NEXT_STEP(RolloutPhase.PROGRESSING),
    STEP_PASSED(RolloutPhase.PROGRESSING),
    FILLING(RolloutPhase.PROGRESSING),
    NEXT_STAGE(RolloutPhase.PROMOTING),
    SWITCHED(RolloutPhase.PROMOTING),
    RETURNING(RolloutPhase.ROLLING_BACK),
    REVERT_DECIDED(RolloutPhase.PAUSED),
    REVERTED(RolloutPhase.ROLLING_BACK),
    OVERRIDDEN_BEFORE(RolloutPhase.PENDING),
    OVERRIDDEN_STARTING(RolloutPhase.PROVISIONING),
    OVERRIDDEN_SERVING(RolloutPhase.PROGRESSING),
    OVERRIDDEN_PAUSED(RolloutPhase.PAUSED);

    private final RolloutPhase phase;

    PhaseMove(RolloutPhase phase) {
      this.phase = phase;
    }

    boolean is(RolloutStatus from, RolloutStatus to) {
      return phase == from.phase()
          && switch (this) {
            case NEXT_STEP, NEXT_STAGE -> from.step() != to.step();
            case STEP_PASSED -> from.passedAt().isEmpty() && to.passedAt().isPresent();
            case FILLING -> from.fillingSince().isEmpty() && to.fillingSince().isPresent();
            case SWITCHED -> from.weight() > 0 && to.weight() == 0;
            case RETURNING -> from.weight() > to.weight();
            case REVERT_DECIDED -> !from.ending().equals(to.ending());
            case OVERRIDDEN_BEFORE, OVERRIDDEN_STARTING, OVERRIDDEN_SERVING, OVERRIDDEN_PAUSED ->
                !from.overridden().equals(to.overridden());
            case REVERTED -> from.revertedAt().isEmpty() && to.revertedAt().isPresent();
          };
    }

    String move() {
      return "rollout." + kebab(phase) + "." + kebab(this);
    }
  }

  /// @throws IllegalArgumentException if the catalogue has no such point
  public CrashPoint {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "there is no crash point %s: add it to the catalogue, and a scenario that passes it"
              .formatted(name));
    }
  }

  /// All points, ordered by name.
  public static List<CrashPoint> all() {
    return NAMES.stream().map(CrashPoint::new).toList();
  }

  /// @throws IllegalArgumentException if the rollout machine has no such move
  public static CrashPoint of(RolloutStatus from, RolloutStatus to, Stage stage) {
    return new CrashPoint(move(from, to) + "." + kebab(stage));
  }

  public static CrashPoint of(ChangeKind door, Stage stage) {
    return new CrashPoint(kebab(door) + "." + kebab(stage));
  }

  public static CrashPoint before(ReplicaAction act) {
    return new CrashPoint("deploy.before-" + kebab(act));
  }

  public static CrashPoint after(ReplicaAction act) {
    return new CrashPoint("deploy.after-" + kebab(act));
  }

  /// Observations of this collection were written.
  public static CrashPoint written(String collection) {
    return new CrashPoint("note.kept." + collection);
  }

  /// Observations of this collection were removed.
  public static CrashPoint removed(String collection) {
    return new CrashPoint("note.forgotten." + collection);
  }

  @Override
  public int compareTo(CrashPoint other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return name;
  }

  private static String move(RolloutStatus from, RolloutStatus to) {
    if (from.phase() != to.phase()) {
      return edge(from.phase(), to.phase());
    }
    return Arrays.stream(PhaseMove.values())
        .filter(within -> within.is(from, to))
        .map(PhaseMove::move)
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "a move within " + from.phase().text() + " that the catalogue does not know"));
  }

  private static String edge(RolloutPhase from, RolloutPhase to) {
    return "rollout." + kebab(from) + "." + kebab(to);
  }

  private static String kebab(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static NavigableSet<String> names() {
    Stream<String> edges =
        Arrays.stream(RolloutPhase.values())
            .flatMap(from -> from.next().stream().map(to -> edge(from, to)));
    Stream<String> within = Arrays.stream(PhaseMove.values()).map(PhaseMove::move);
    Stream<String> doors = Arrays.stream(ChangeKind.values()).map(CrashPoint::kebab);
    NavigableSet<String> names = new TreeSet<>();
    Stream.of(edges, within, doors)
        .flatMap(changes -> changes)
        .flatMap(change -> Arrays.stream(Stage.values()).map(s -> change + "." + kebab(s)))
        .forEach(names::add);
    for (ReplicaAction act : ReplicaAction.values()) {
      names.addAll(List.of("deploy.before-" + kebab(act), "deploy.after-" + kebab(act)));
    }
    WRITTEN_COLLECTIONS.forEach(collection -> names.add("note.kept." + collection));
    REMOVED_COLLECTIONS.forEach(collection -> names.add("note.forgotten." + collection));
    names.addAll(
        List.of(
            "alert.sent",
            "analysis.advanced",
            "analysis.deleted",
            "publication.handed-out",
            "telemetry.taken"));
    return Collections.unmodifiableNavigableSet(names);
  }
}
