// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

/// The demo cannot continue. The message describes the failure and where to look.
public final class DemoException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DemoException(String message) {
    super(message);
  }
}
