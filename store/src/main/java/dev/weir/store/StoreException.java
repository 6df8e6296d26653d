// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

/// An I/O failure: disk full, folder read-only or locked, file corrupt. Nothing was changed.
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Trouble trouble;

  /// The kind of failure, for callers that must not see paths.
  public enum Trouble {
    FULL("the disk is full: free space and try again"),
    READ_ONLY("the disk or folder is read-only: make it writable"),
    LOCKED("another program has locked the store: close it and try again"),
    DAMAGED("the stored data is damaged: restore a backup"),
    OTHER("see the log");

    private final String advice;

    Trouble(String advice) {
      this.advice = advice;
    }

    /// The problem and the remedy, without file names.
    public String advice() {
      return advice;
    }
  }

  public StoreException(String message) {
    super(message);
    this.trouble = Trouble.OTHER;
  }

  public StoreException(String message, Throwable cause) {
    super(message, cause);
    this.trouble = Trouble.OTHER;
  }

  public StoreException(Trouble trouble, String message) {
    super(message);
    this.trouble = trouble;
  }

  public StoreException(Trouble trouble, String message, Throwable cause) {
    super(message, cause);
    this.trouble = trouble;
  }

  public Trouble trouble() {
    return trouble;
  }
}
