// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

/// No answer came: the message says from where and what to do.
public final class WeirUnreachableException extends RuntimeException {
  public WeirUnreachableException(String message, Throwable cause) {
    super(message, cause);
  }

  public WeirUnreachableException(String message) {
    super(message);
  }
}
