// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.resource;

import dev.weir.cli.text.RolloutText;
import dev.weir.model.Rollout;

/// Shows the state that a wait observes.
@FunctionalInterface
public interface WaitProgress {
  /// Shows one line; the same line may be repeated.
  void show(String text);

  /// Shows the current state of a rollout.
  default void show(Rollout rollout) {
    show(RolloutText.progress(rollout));
  }
}
