// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.model.RolloutPhase;

/// What the exit status says.
final class ExitStatus {
  static final int OK = 0;
  static final int ERROR = 1;

  /// `plan` and `diff`: an apply would change something.
  static final int CHANGES = 2;

  /// A rollout ended without promoting its version.
  static final int REVERTED = 3;

  /// A rollout waits for a person.
  static final int PAUSED = 4;

  /// As `EX_USAGE` of sysexits.
  static final int USAGE = 64;

  /// As shells tell of SIGINT.
  static final int INTERRUPTED = 130;

  /// As shells tell of SIGPIPE: nobody reads what is printed.
  static final int UNREAD = 141;

  private ExitStatus() {}

  /// What a wait that ended in a phase exits with; `OK` for phases that it does not end in.
  static int of(RolloutPhase phase) {
    return switch (phase) {
      case ROLLED_BACK, ABORTED, SUPERSEDED -> REVERTED;
      case PAUSED -> PAUSED;
      case COMPLETED, PENDING, PROVISIONING, PROGRESSING, PROMOTING, ROLLING_BACK -> OK;
    };
  }

  /// The worse of two endings: a revert, then a pause, then success.
  static int worse(int one, int other) {
    if (one == REVERTED || other == REVERTED) {
      return REVERTED;
    }
    return Math.max(one, other);
  }
}
