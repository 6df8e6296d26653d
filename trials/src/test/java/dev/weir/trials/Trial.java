// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials;

/// One end-to-end check on real parts.
interface Trial {
  /// As typed after `./dev trials`.
  String name();

  /// One line for `./dev trials --list`.
  String about();

  /// Runs its cases and reports each to `run`. An exception counts as one failed case.
  void run(TrialRun run) throws Exception;
}
