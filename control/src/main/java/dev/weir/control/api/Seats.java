// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import java.util.concurrent.Semaphore;

/// How many calls of a sort may go on at once; one more is refused, not queued.
final class Seats {
  private final String what;
  private final Semaphore free;

  Seats(String what, int count) {
    this.what = what;
    this.free = new Semaphore(count);
  }

  /// Takes a seat until the result is closed.
  Seat take() {
    if (!free.tryAcquire()) {
      throw ProblemException.of(
              ProblemType.OVERLOADED, "too many " + what + " at once; try again shortly")
          .withHeader("Retry-After", "1");
    }
    return free::release;
  }

  int free() {
    return free.availablePermits();
  }

  interface Seat extends AutoCloseable {
    @Override
    void close();
  }
}
