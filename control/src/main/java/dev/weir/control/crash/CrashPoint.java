// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.crash;

import dev.weir.model.RolloutPhase;
import dev.weir.model.RolloutStatus;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// A named instant at which the control plane may die: between two things that it does to the store
/// or to the world.
///
/// The catalogue is closed. What belongs to the rollout machine is derived from it: one point for
/// each stage of each edge between phases and of each move within a phase, so a new phase brings
/// its points along. A move, a collection of notes or an action that is not in the catalogue cannot
/// be carried out at all, and the crash matrix fails for a point that none of its scenarios passes.
///
/// @param name for example `rollout.progressing.promoting.committed`
public record CrashPoint(String name) implements Comparable<CrashPoint> {
  private static final Set<String> KEPT =
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

  private static final Set<String> FORGOTTEN =
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
          "telemetry.marks");

  private static final NavigableSet<String> NAMES = names();

  /// A channel was told something, and that is not noted yet.
  public static final CrashPoint ALERT_SENT = new CrashPoint("alert.sent");

  /// A look was stored, and what it consumed is gone from the store but not from memory.
  public static final CrashPoint ANALYSIS_ADVANCED = new CrashPoint("analysis.advanced");

  /// A state is gone from the store: it could not be read, or its rollout is over.
  public static final CrashPoint ANALYSIS_DELETED = new CrashPoint("analysis.deleted");

  /// A new snapshot can be fetched by gateways.
  public static final CrashPoint HANDED_OUT = new CrashPoint("publication.handed-out");

  /// A telemetry batch is durable and taken in, but not acknowledged.
  public static final CrashPoint TELEMETRY_TAKEN = new CrashPoint("telemetry.taken");

  /// How far a change has got.
  public enum Stage {
    /// The evidence is kept, nothing is changed.
    DECIDED,
    /// Stored with its audit entry, not published.
    COMMITTED,
    /// Gateways can fetch what follows from it.
    PUBLISHED
  }

  /// Changes of a Service that are no transition of a rollout.
  public enum Door {
    /// A Service's first version becomes stable.
    SERVICE_FIRST,
    /// A Service that points at a rollout that is over is put right.
    SERVICE_PUT_RIGHT,
    /// By hand: a failed release is tried again.
    SERVICE_RETRY,
    /// By hand: a replica is cordoned, drained or restarted.
    REPLICA_ORDER,
    /// An order has been carried out, or its replica is gone.
    REPLICA_ORDER_OVER,
    /// By hand: a fault is injected or cleared.
    FAULT,
    /// The time of a fault is up.
    FAULT_OVER,
    ROLLOUT_START,
    /// By hand: back to the version before.
    ROLLOUT_UNDO
  }

  /// What is done to a replica.
  public enum Act {
    ENSURE,
    STOP,
    RESTART
  }

  /// Moves that leave a rollout in its phase.
  private enum Within {
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

    Within(RolloutPhase phase) {
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
      return "rollout." + spelt(phase) + "." + spelt(this);
    }
  }

  /// @throws IllegalArgumentException when the catalogue has no such point
  public CrashPoint {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "there is no crash point %s: add it to the catalogue, and a scenario that passes it"
              .formatted(name));
    }
  }

  /// Every point there is, by name.
  public static List<CrashPoint> all() {
    return NAMES.stream().map(CrashPoint::new).toList();
  }

  /// @throws IllegalArgumentException when the machine knows no such move
  public static CrashPoint of(RolloutStatus from, RolloutStatus to, Stage stage) {
    return new CrashPoint(move(from, to) + "." + spelt(stage));
  }

  public static CrashPoint of(Door door, Stage stage) {
    return new CrashPoint(spelt(door) + "." + spelt(stage));
  }

  public static CrashPoint before(Act act) {
    return new CrashPoint("deploy.before-" + spelt(act));
  }

  public static CrashPoint after(Act act) {
    return new CrashPoint("deploy.after-" + spelt(act));
  }

  /// Notes of this collection were written.
  public static CrashPoint kept(String collection) {
    return new CrashPoint("note.kept." + collection);
  }

  /// Notes of this collection were removed.
  public static CrashPoint forgotten(String collection) {
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
    return Arrays.stream(Within.values())
        .filter(within -> within.is(from, to))
        .map(Within::move)
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "a move within " + from.phase().text() + " that the catalogue does not know"));
  }

  private static String edge(RolloutPhase from, RolloutPhase to) {
    return "rollout." + spelt(from) + "." + spelt(to);
  }

  private static String spelt(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static NavigableSet<String> names() {
    Stream<String> edges =
        Arrays.stream(RolloutPhase.values())
            .flatMap(from -> from.next().stream().map(to -> edge(from, to)));
    Stream<String> within = Arrays.stream(Within.values()).map(Within::move);
    Stream<String> doors = Arrays.stream(Door.values()).map(CrashPoint::spelt);
    NavigableSet<String> names = new TreeSet<>();
    Stream.of(edges, within, doors)
        .flatMap(changes -> changes)
        .flatMap(change -> Arrays.stream(Stage.values()).map(s -> change + "." + spelt(s)))
        .forEach(names::add);
    for (Act act : Act.values()) {
      names.addAll(List.of("deploy.before-" + spelt(act), "deploy.after-" + spelt(act)));
    }
    KEPT.forEach(collection -> names.add("note.kept." + collection));
    FORGOTTEN.forEach(collection -> names.add("note.forgotten." + collection));
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
