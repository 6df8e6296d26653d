// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.capacity.CapacityPlan;
import dev.weir.control.capacity.CapacityPlan.Refused;
import dev.weir.control.capacity.CapacityPlan.Surge;
import dev.weir.control.capacity.CapacityPlanner;
import dev.weir.control.capacity.Ledger;
import dev.weir.control.observation.Catalogue;
import dev.weir.control.observation.LookClock;
import dev.weir.control.policy.GuardRails;
import dev.weir.control.rollout.Step.Move;
import dev.weir.control.rollout.Step.Stay;
import dev.weir.model.ModelVersion;
import dev.weir.model.Rollout;
import dev.weir.model.RolloutPhase;
import dev.weir.model.RolloutSpec.Scale;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Stands between what the machine would do next and its being done: a release begins, and goes on,
/// only when no guard rail holds it, and begins only where there is room for it. A revert passes
/// always; an undo is held by no rail, but needs room as any release does.
///
/// One release at a time begins: of two that see the same free place or the same free accelerators,
/// the second looks again.
final class Gate {
  private final Catalogue.Reader catalogue;
  private final LookClock clock;
  private final ReentrantLock beginning = new ReentrantLock();
  private @Nullable Ledger ledger;

  /// Where it goes from here.
  interface Way {
    /// Stores a move of the rollout, which has its room when it begins.
    ///
    /// @return whether it was stored
    boolean write(Rollout rollout, Move move);

    /// Says what is waited for.
    ///
    /// @return false: nothing was stored
    boolean tell(String message);
  }

  Gate(Catalogue.Reader catalogue, LookClock clock) {
    this.catalogue = catalogue;
    this.clock = clock;
  }

  /// @return whether something was stored
  boolean pass(Situation now, Step next, Way way) {
    return switch (next) {
      case Stay(String message) -> way.tell(message);
      case Move move when begins(now.rollout(), move) -> begin(now, move, way);
      case Move move ->
          held(now.rollout(), move).map(way::tell).orElseGet(() -> way.write(now.rollout(), move));
    };
  }

  private boolean begin(Situation now, Move move, Way way) {
    beginning.lock();
    try {
      Catalogue known = catalogue.current();
      GuardRails rails = new GuardRails(known, clock.now());
      List<String> holds = rails.holds(now.service(), now.rollout());
      return holds.isEmpty()
          ? place(now, move, known, rails, way)
          : waitOn(now, String.join("; ", holds), rails, way);
    } finally {
      beginning.unlock();
    }
  }

  /// Has its room from here on, or waits for it.
  private boolean place(Situation now, Move move, Catalogue known, GuardRails rails, Way way) {
    Optional<ModelVersion> to =
        known.version(now.rollout().metadata().namespace(), now.spec().to());
    if (to.isEmpty()) {
      return way.write(now.rollout(), move);
    }
    CapacityPlan plan =
        CapacityPlanner.plan(
            now.service(), now.spec().from(), to.get(), now.spec().release(), ledger(known), known);
    if (plan instanceof Refused) {
      return waitOn(now, plan.words(), rails, way);
    }
    Scale scale = CapacityPlanner.scale(now.service(), to.get(), plan, known);
    return way.write(
        now.rollout().withSpec(now.spec().withScale(scale)),
        plan instanceof Surge ? move : move.saying(plan.words()));
  }

  /// Many may look at the same picture, one after the other.
  private Ledger ledger(Catalogue known) {
    Ledger last = ledger;
    if (last == null || !last.about(known)) {
      last = Ledger.of(known);
      ledger = last;
    }
    return last;
  }

  private static boolean waitOn(Situation now, String why, GuardRails rails, Way way) {
    if (rails.patienceEnds(now.rollout())) {
      String reason = "could not begin (" + why + ")";
      return switch (WayBack.giveUp(now, reason)) {
        case Move end -> way.write(now.rollout(), end);
        case Stay(String message) -> way.tell(message);
      };
    }
    return way.tell(why);
  }

  private Optional<String> held(Rollout rollout, Move move) {
    return goesOn(rollout.status().phase(), move.status().phase())
        ? new GuardRails(catalogue.current(), clock.now())
            .pauses(rollout)
            .map(why -> rollout.status().message() + "; goes no further: " + why)
        : Optional.empty();
  }

  private static boolean begins(Rollout rollout, Move move) {
    return rollout.status().phase() == RolloutPhase.PENDING
        && move.status().phase() == RolloutPhase.PROVISIONING;
  }

  // A promotion that has begun is brought to its end: half of one is worse than either.
  private static boolean goesOn(RolloutPhase from, RolloutPhase to) {
    boolean runs = from == RolloutPhase.PROVISIONING || from == RolloutPhase.PROGRESSING;
    return runs && (to == RolloutPhase.PROGRESSING || to == RolloutPhase.PROMOTING);
  }
}
