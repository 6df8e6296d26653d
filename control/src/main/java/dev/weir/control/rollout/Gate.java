// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.observation.Catalogue;
import dev.weir.control.observation.LookClock;
import dev.weir.control.policy.GuardRails;
import dev.weir.control.rollout.Step.Move;
import dev.weir.control.rollout.Step.Stay;
import dev.weir.model.Rollout;
import dev.weir.model.RolloutPhase;
import dev.weir.model.Service;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
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

  /// @param write stores a move
  /// @param tell says what is waited for
  /// @return whether something was stored
  boolean pass(
      Rollout rollout, Service service, Step next, Predicate<Move> write, Predicate<String> tell) {
    return switch (next) {
      case Stay(String message) -> tell.test(message);
      case Move move when begins(rollout, move) -> begin(rollout, service, move, write, tell);
      case Move move -> held(rollout, move).map(tell::test).orElseGet(() -> write.test(move));
    };
  }

  private boolean begin(
      Rollout rollout, Service service, Move move, Predicate<Move> write, Predicate<String> tell) {
    beginning.lock();
    try {
      List<String> holds = new GuardRails(catalogue.current(), clock.now()).holds(service, rollout);
      return holds.isEmpty() ? write.test(move) : tell.test(String.join("; ", holds));
    } finally {
      beginning.unlock();
    }
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
