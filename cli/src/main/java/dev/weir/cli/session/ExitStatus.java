// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.session;

import dev.weir.model.status.RolloutPhase;

/// Exit statuses of the CLI.
public final class ExitStatus {
  /// Above the list of a command's own exit statuses in its help.
  public static final String HEADING = "%nExit status%n";

  public static final int OK = 0;
  public static final int ERROR = 1;

  /// `plan` and `diff`: an apply would change something.
  public static final int CHANGES = 2;

  /// A rollout ended without promoting its version.
  public static final int REVERTED = 3;

  /// A rollout is paused and needs an operator.
  static final int PAUSED = 4;

  /// `EX_USAGE` of sysexits.
  public static final int USAGE = 64;

  /// The shell convention for SIGINT.
  public static final int INTERRUPTED = 130;

  /// The shell convention for SIGPIPE: the reader closed the output.
  public static final int UNREAD = 141;

  private ExitStatus() {}

  /// The exit status of a wait that ends in a phase; `OK` for phases in which a wait does not end.
  public static int of(RolloutPhase phase) {
    return switch (phase) {
      case ROLLED_BACK, ABORTED, SUPERSEDED -> REVERTED;
      case PAUSED -> PAUSED;
      case COMPLETED, PENDING, PROVISIONING, PROGRESSING, PROMOTING, ROLLING_BACK -> OK;
    };
  }

  /// The worse of two statuses: reverted, then paused, then OK.
  public static int worse(int one, int other) {
    if (one == REVERTED || other == REVERTED) {
      return REVERTED;
    }
    return Math.max(one, other);
  }
}
