// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

/// A command cannot do what was asked; the message is for people: what, where, what to do.
public final class CliException extends RuntimeException {
  private final int status;

  private CliException(int status, String message) {
    super(message);
    this.status = status;
  }

  /// Ends with status 1.
  static CliException error(String message) {
    return new CliException(ExitStatus.ERROR, message);
  }

  /// Ends with status 64 and a hint where the usage is told.
  static CliException usage(String message) {
    return new CliException(ExitStatus.USAGE, message);
  }

  int status() {
    return status;
  }
}
