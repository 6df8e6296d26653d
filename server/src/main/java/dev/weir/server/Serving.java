// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.io.Console;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/// What every serving command does around its planes: logs, an orderly end on SIGTERM.
final class Serving {
  private Serving() {}

  /// Prints the settings and answers true when only that was asked for; else sets up logging.
  static boolean prepared(ServeOptions options, Configuration configuration) {
    if (options.printConfig) {
      System.out.print(configuration.effective());
      return false;
    }
    Logs.install(
        configuration.text(Setting.LOG_FORMAT),
        configuration.text(Setting.LOG_LEVEL),
        System.err,
        terminal());
    return true;
  }

  /// Whether a person watches.
  static boolean terminal() {
    return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
  }

  /// Waits for SIGTERM or SIGINT, then closes.
  static void untilStopped(AutoCloseable running) throws InterruptedException {
    CountDownLatch closed = new CountDownLatch(1);
    Thread hook =
        new Thread(
            () -> {
              try {
                running.close();
              } catch (Exception e) {
                System.err.println("weir: stopping failed: " + e);
              } finally {
                closed.countDown();
              }
            },
            "stop");
    Runtime.getRuntime().addShutdownHook(hook);
    closed.await();
  }
}
