// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.run;

import java.util.List;

/// One end-to-end check on real parts.
public interface Trial {
  /// As typed after `./dev trials`.
  String name();

  /// One line for `./dev trials --list`.
  String about();

  /// Deliberate bugs that `--mutate NAME` plants, so that one can see the trial fail. A trial with
  /// a mutation must end with failures.
  default List<String> mutations() {
    return List.of();
  }

  /// Runs its cases and reports each to `run`. An exception counts as one failed case.
  void run(TrialRun run) throws Exception;
}
