// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import org.jspecify.annotations.Nullable;

/// A place among the running requests of a service, until [#leave()]. Used on one event loop.
public final class ConcurrencySlot {
  /// Of a request that needs no place.
  static final ConcurrencySlot FREE = new ConcurrencySlot(null, 0);

  private final @Nullable AdmissionQueue admissionQueue;
  private final long sinceNanos;
  private boolean left;

  ConcurrencySlot(@Nullable AdmissionQueue admissionQueue, long sinceNanos) {
    this.admissionQueue = admissionQueue;
    this.sinceNanos = sinceNanos;
  }

  /// Only the first call counts.
  public void leave() {
    if (admissionQueue != null && !left) {
      left = true;
      admissionQueue.release(sinceNanos);
    }
  }

  void firstToken(String replica, long nanos) {
    if (admissionQueue != null) {
      admissionQueue.rate().firstToken(replica, nanos);
    }
  }

  void noFirstToken(String replica, long nanos) {
    if (admissionQueue != null) {
      admissionQueue.rate().noFirstToken(replica, nanos);
    }
  }
}
