// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import org.jspecify.annotations.Nullable;

/// A slot for a running request of a service, held until [#leave()]. Used on one event loop.
public final class ConcurrencySlot {
  /// The slot of a request without a concurrency limit.
  static final ConcurrencySlot FREE = new ConcurrencySlot(null, 0);

  private final @Nullable AdmissionQueue admissionQueue;
  private final long sinceNanos;
  private boolean left;

  ConcurrencySlot(@Nullable AdmissionQueue admissionQueue, long sinceNanos) {
    this.admissionQueue = admissionQueue;
    this.sinceNanos = sinceNanos;
  }

  /// Releases the slot; later calls are no-ops.
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
