// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.change;

import dev.weir.control.change.ChangeExecutor.Actor;
import dev.weir.control.crash.CrashPoint;
import dev.weir.control.crash.CrashPoint.Stage;
import dev.weir.control.crash.CrashPoints;
import dev.weir.store.Commit;

/// Commits a decided change and then publishes its effect. The process may die at each crash point
/// in between: before the commit nothing has happened, and after it the next pass publishes the
/// effect.
public final class ChangeCommitter {
  private final ChangeExecutor changes;
  private final CrashPoints crashPoints;

  public ChangeCommitter(ChangeExecutor changes, CrashPoints crashPoints) {
    this.changes = changes;
    this.crashPoints = crashPoints;
  }

  /// Commits the change and, if it was stored, publishes it.
  ///
  /// @param publish publishes the snapshot that follows from the stored change
  /// @return false when another change was committed first; the caller must decide again
  public boolean commit(PlannedChange planned, Actor actor, Runnable publish) {
    crashPoints.pass(CrashPoint.of(planned.kind(), Stage.DECIDED));
    return switch (changes.execute(planned.change(), actor, planned.reason())) {
      case Commit.Conflict _ -> false;
      case Commit.Done _ -> {
        crashPoints.pass(CrashPoint.of(planned.kind(), Stage.COMMITTED));
        publish.run();
        crashPoints.pass(CrashPoint.of(planned.kind(), Stage.PUBLISHED));
        yield true;
      }
    };
  }
}
