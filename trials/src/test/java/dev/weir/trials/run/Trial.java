// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.run;

import java.util.List;

/// An end-to-end check on real processes.
public interface Trial {
  /// The name after `./dev trials`.
  String name();

  /// One line for `./dev trials --list`.
  String about();

  /// Deliberate bugs that `--mutate NAME` plants, to show that the trial can fail. A trial with a
  /// mutation must end with failures.
  default List<String> mutations() {
    return List.of();
  }

  /// Runs its cases and reports each to `run`. An exception counts as one failed case.
  void run(TrialRun run) throws Exception;
}
