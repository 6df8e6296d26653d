// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

/// What is printed arrives nowhere: whoever read it has seen enough (`weir get ... | head -1`), or
/// the disk is full. The run ends, in silence.
final class UnreadException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnreadException() {
    super("standard output is closed");
  }
}
