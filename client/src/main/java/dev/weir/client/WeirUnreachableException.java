// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

/// The control plane did not respond. The message names the address and the remedy.
public final class WeirUnreachableException extends RuntimeException {
  public WeirUnreachableException(String message, Throwable cause) {
    super(message, cause);
  }

  public WeirUnreachableException(String message) {
    super(message);
  }
}
