// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import dev.weir.control.change.Change;
import dev.weir.control.change.ChangeExecutor;
import dev.weir.store.Commit;
import java.util.HashSet;
import java.util.Set;

/// Dies before each transition is stored, and once more after it was.
final class CrashingChanges implements ChangeExecutor {
  private final ChangeExecutor inner;
  private final Set<String> before = new HashSet<>();
  private final Set<String> after = new HashSet<>();
  private int deaths;

  CrashingChanges(ChangeExecutor inner) {
    this.inner = inner;
  }

  int deaths() {
    return deaths;
  }

  @Override
  public Commit execute(Change change, Actor actor, String reason) {
    String what = name(change);
    if (before.add(what)) {
      deaths++;
      throw new IllegalStateException("died before " + what);
    }
    Commit commit = inner.execute(change, actor, reason);
    if (after.add(what)) {
      deaths++;
      throw new IllegalStateException("died after " + what);
    }
    return commit;
  }

  private static String name(Change change) {
    return change instanceof Change.TransitionRollout transition
        ? "%s %d %s"
            .formatted(
                transition.rollout().status().phase(),
                transition.rollout().status().step(),
                transition.rollout().status().revertedAt().isPresent())
        : change.action();
  }
}
