// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

/// The history that a watcher requested is compacted.
public final class CompactedException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final long oldest;

  /// @param oldest the oldest revision that can still be watched from
  public CompactedException(long after, long oldest) {
    super("changes after revision " + after + " are compacted; the oldest available is " + oldest);
    this.oldest = oldest;
  }

  public long oldest() {
    return oldest;
  }
}
