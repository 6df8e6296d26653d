// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

/// The rehearsal can't go on; the message says what happened and where to look.
public final class DemoException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DemoException(String message) {
    super(message);
  }
}
