// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.util.logging.LogManager;

/// Writes log records until the process exits.
///
/// The JDK's log manager removes all handlers, and closes standard error, as soon as the shutdown
/// starts. During the shutdown Weir drains streams and stops replicas, and the log must show
/// failures. Public because the JDK creates it by name.
public final class ShutdownSafeLogManager extends LogManager {
  private volatile boolean retainHandlers;

  /// Removes all handlers; handlers that are added later survive the shutdown.
  static void restart() {
    LogManager manager = getLogManager();
    if (manager instanceof ShutdownSafeLogManager ours) {
      ours.retainHandlers = false;
      ours.reset();
      ours.retainHandlers = true;
    } else {
      manager.reset();
    }
  }

  @Override
  public void reset() {
    if (!retainHandlers) {
      super.reset();
    }
  }
}
