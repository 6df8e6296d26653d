// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.upstream;

import java.util.ArrayDeque;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Idle keep-alive connections to one replica on one event loop, last in first out, so that a few
/// stay in use and the rest expire. Event loop only.
final class ConnectionPool {
  private final ArrayDeque<UpstreamConnection> idle = new ArrayDeque<>();
  private int maxIdle;
  private final LongSupplier nanoTime;

  ConnectionPool(int maxIdle, LongSupplier nanoTime) {
    this.maxIdle = maxIdle;
    this.nanoTime = nanoTime;
  }

  /// The most recently used connection, or null if none is idle.
  @Nullable UpstreamConnection take() {
    UpstreamConnection connection = idle.pollFirst();
    while (connection != null && !connection.channel.isActive()) {
      connection = idle.pollFirst();
    }
    return connection;
  }

  void release(UpstreamConnection connection, boolean reusable) {
    if (!reusable || idle.size() >= maxIdle || !connection.channel.isActive()) {
      var _ = connection.channel.close();
      return;
    }
    connection.channel.config().setAutoRead(true);
    connection.idleSinceNanos = nanoTime.getAsLong();
    idle.addFirst(connection);
  }

  void gone(UpstreamConnection connection) {
    idle.remove(connection);
  }

  /// Closes connections that have been idle since before this time, oldest first.
  void closeIdleSince(long nanos) {
    UpstreamConnection oldest = idle.peekLast();
    while (oldest != null && oldest.idleSinceNanos - nanos <= 0) {
      idle.removeLast();
      var _ = oldest.channel.close();
      oldest = idle.peekLast();
    }
  }

  /// Closes idle connections now, and those in use when they are released.
  void close() {
    maxIdle = 0;
    while (!idle.isEmpty()) {
      var _ = idle.removeLast().channel.close();
    }
  }
}
