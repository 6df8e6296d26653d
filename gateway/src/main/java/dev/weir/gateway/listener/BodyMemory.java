// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import java.util.concurrent.atomic.AtomicLong;

/// How many bytes of requests all connections hold together, from the first byte of a body to the
/// end of its answer. The last quarter is kept for small bodies, so that a few clients with large
/// ones turn away nobody else.
final class BodyMemory {
  private static final int SMALL = 64 * 1024;

  private final AtomicLong used = new AtomicLong();
  private final long most;

  BodyMemory(long most) {
    this.most = most;
  }

  /// @param before what the body holds already
  /// @return whether it may hold so many more
  boolean claim(int before, int more) {
    long limit = before + more <= SMALL ? most : most - most / 4;
    if (used.addAndGet(more) <= limit) {
      return true;
    }
    used.addAndGet(-more);
    return false;
  }

  void giveBack(int bytes) {
    used.addAndGet(-bytes);
  }

  long used() {
    return used.get();
  }
}
