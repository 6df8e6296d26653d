// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

/// The medium failed: disk full, folder read-only or locked, file corrupt. Nothing was changed.
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StoreException(String message) {
    super(message);
  }

  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
