// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.session;

/// A command failed. The message names what failed, where, and the remedy.
public final class CliException extends RuntimeException {
  private final int status;

  private CliException(int status, String message) {
    super(message);
    this.status = status;
  }

  /// Exits with status 1.
  public static CliException error(String message) {
    return new CliException(ExitStatus.ERROR, message);
  }

  /// Exits with status 64 and a pointer to the command's help.
  public static CliException usage(String message) {
    return new CliException(ExitStatus.USAGE, message);
  }

  public int status() {
    return status;
  }
}
