// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.operations;

import dev.weir.control.change.Change.ChangeFaults;
import dev.weir.control.change.Change.ChangeFaults.Verb;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.crash.CrashPoint;
import dev.weir.control.crash.CrashPoint.Door;
import dev.weir.control.crash.CrashPoint.Stage;
import dev.weir.control.crash.CrashPoints;
import dev.weir.control.observation.ControlClock;
import dev.weir.model.Fault;
import dev.weir.model.Service;
import dev.weir.store.Commit;
import java.time.Instant;
import java.util.List;

/// Removes faults that have expired. Gateways know the expiry too, so they do not depend on this.
public final class FaultReconciler {
  private final ChangeExecutor changes;
  private final ControlClock clock;
  private final Runnable stored;
  private final CrashPoints crashPoints;

  /// @param stored called when a fault has ended
  public FaultReconciler(
      ChangeExecutor changes, ControlClock clock, Runnable stored, CrashPoints crashPoints) {
    this.changes = changes;
    this.clock = clock;
    this.stored = stored;
    this.crashPoints = crashPoints;
  }

  /// @return whether something was stored
  public boolean reconcile(Service service) {
    Instant now = clock.now();
    List<Fault> left =
        service.status().faults().stream().filter(fault -> !fault.over(now)).toList();
    return left.size() < service.status().faults().size() && end(service, left);
  }

  private boolean end(Service service, List<Fault> left) {
    List<String> expired =
        service.status().faults().stream()
            .filter(fault -> !left.contains(fault))
            .map(Fault::name)
            .toList();
    crashPoints.pass(CrashPoint.of(Door.FAULT_OVER, Stage.DECIDED));
    Commit commit =
        changes.execute(
            new ChangeFaults(
                service.withStatus(service.status().withFaults(left)),
                service.metadata().revision(),
                expired,
                Verb.OVER),
            Actor.WEIR,
            "its duration has ended");
    return switch (commit) {
      case Commit.Conflict _ -> false;
      case Commit.Done _ -> {
        crashPoints.pass(CrashPoint.of(Door.FAULT_OVER, Stage.COMMITTED));
        stored.run();
        crashPoints.pass(CrashPoint.of(Door.FAULT_OVER, Stage.PUBLISHED));
        yield true;
      }
    };
  }
}
