// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.capacity.CapacityPlan;
import dev.weir.control.capacity.CapacityPlan.Refused;
import dev.weir.control.capacity.CapacityPlan.Surge;
import dev.weir.control.capacity.CapacityPlanner;
import dev.weir.control.observation.Catalogue;
import dev.weir.control.observation.LookClock;
import dev.weir.control.policy.GuardRails;
import dev.weir.control.rollout.Step.Move;
import dev.weir.control.rollout.Step.Stay;
import dev.weir.model.ModelVersion;
import dev.weir.model.Rollout;
import dev.weir.model.RolloutPhase;
import dev.weir.model.RolloutSpec.Scale;
import dev.weir.model.Service;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/// Stands between what the machine would do next and its being done: a release begins, and goes on,
/// only when no guard rail holds it. Whatever leads back passes always.
///
/// One release at a time begins: of two that see the same free place, the second looks again.
final class Gate {
  private final Catalogue.Reader catalogue;
  private final LookClock clock;
  private final ReentrantLock beginning = new ReentrantLock();

  Gate(Catalogue.Reader catalogue, LookClock clock) {
    this.catalogue = catalogue;
    this.clock = clock;
  }

  /// @param write stores a move of the rollout, which has its room when it begins
  /// @param tell says what is waited for
  /// @return whether something was stored
  boolean pass(
      Rollout rollout,
      Service service,
      Step next,
      BiPredicate<Rollout, Move> write,
      Predicate<String> tell) {
    return switch (next) {
      case Stay(String message) -> tell.test(message);
      case Move move when begins(rollout, move) -> begin(rollout, service, move, write, tell);
      case Move move -> held(rollout, move).map(tell::test).orElseGet(() -> write.test(rollout, move));
    };
  }

  private boolean begin(
      Rollout rollout,
      Service service,
      Move move,
      BiPredicate<Rollout, Move> write,
      Predicate<String> tell) {
    beginning.lock();
    try {
      Catalogue now = catalogue.current();
      List<String> holds = new GuardRails(now, clock.now()).holds(service, rollout);
      if (!holds.isEmpty()) {
        return tell.test(String.join("; ", holds));
      }
      Optional<ModelVersion> to =
          now.version(rollout.metadata().namespace(), rollout.spec().to());
      return rollout.spec().direct() || to.isEmpty()
          ? write.test(rollout, move)
          : placed(rollout, service, move, to.get(), now, write, tell);
    } finally {
      beginning.unlock();
    }
  }

  /// What leads back makes do with the room that there is; all else has its room from here on.
  private static boolean placed(
      Rollout rollout,
      Service service,
      Move move,
      ModelVersion to,
      Catalogue now,
      BiPredicate<Rollout, Move> write,
      Predicate<String> tell) {
    CapacityPlan plan =
        CapacityPlanner.plan(service, rollout.spec().from(), to, rollout.spec().release(), now);
    if (plan instanceof Refused) {
      return tell.test(plan.words());
    }
    Scale scale = CapacityPlanner.scale(service, to, plan, now);
    return write.test(
        rollout.withSpec(rollout.spec().withScale(scale)),
        plan instanceof Surge ? move : move.saying(plan.words()));
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
