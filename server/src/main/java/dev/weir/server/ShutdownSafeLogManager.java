// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.util.logging.LogManager;

/// Lets log lines through until the very end.
///
/// The JDK's own takes all handlers away, and closes standard error with them, as soon as the
/// process begins to end. That is when Weir drains streams and stops replicas, and when the log
/// must show which one did not stop. Public because the JDK makes it by name.
public final class ShutdownSafeLogManager extends LogManager {
  private volatile boolean lasting;

  /// Begins anew without handlers; those that are added then, stay.
  static void restart() {
    LogManager manager = getLogManager();
    if (manager instanceof ShutdownSafeLogManager ours) {
      ours.lasting = false;
      ours.reset();
      ours.lasting = true;
    } else {
      manager.reset();
    }
  }

  @Override
  public void reset() {
    if (!lasting) {
      super.reset();
    }
  }
}
