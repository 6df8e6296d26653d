// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.session;

/// Standard output cannot be written: its reader closed the pipe (`weir get ... | head -1`) or the
/// disk is full. The run ends without a message.
public final class OutputClosedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OutputClosedException() {
    super("standard output is closed");
  }
}
