// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.server.configuration.Configuration;
import dev.weir.server.configuration.EnvironmentVariables;
import dev.weir.server.configuration.Setting;
import dev.weir.server.logging.Logs;
import java.io.Console;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Logging and graceful shutdown for all serving commands.
final class Serving {
  /// Streams (20 s), API calls (5 s), reconciliations (10 s) and replicas (13 s) have their own
  /// timeouts; this one covers parts that hang.
  private static final Duration MAX_SHUTDOWN = Duration.ofSeconds(60);

  private static final Logger LOG = LoggerFactory.getLogger(Serving.class);

  private Serving() {}

  /// Prints the settings and returns false with `--print-config`; otherwise sets up logging.
  static boolean prepared(ServeOptions options, Configuration configuration) {
    if (options.printConfig) {
      System.out.print(Configuration.lines(configuration.settings()));
      return false;
    }
    Logs.install(
        configuration.text(Setting.LOG_FORMAT),
        configuration.text(Setting.LOG_LEVEL),
        System.err,
        terminal());
    for (String name : EnvironmentVariables.unrecognised(System.getenv())) {
      LOG.atWarn()
          .addKeyValue("event", "config.variable.unknown")
          .addKeyValue("name", name)
          .log("The environment variable is unknown and has no effect");
    }
    return true;
  }

  /// Whether the console is a terminal.
  static boolean terminal() {
    return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
  }

  /// Starts, waits for SIGTERM or SIGINT, then closes. The process exits when everything is closed
  /// or after a timeout. The signal may arrive during the start.
  static void serve(ServerLifecycle.Start start) throws IOException, InterruptedException {
    ServerLifecycle serverLifecycle = new ServerLifecycle();
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> stop(serverLifecycle)));
    serverLifecycle.run(start);
  }

  private static void stop(ServerLifecycle serverLifecycle) {
    Thread closing = Thread.ofPlatform().daemon().name("closing").start(() -> end(serverLifecycle));
    try {
      if (!closing.join(MAX_SHUTDOWN)) {
        System.err.println(
            "weir: shutdown did not finish within " + MAX_SHUTDOWN.toSeconds() + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void end(ServerLifecycle serverLifecycle) {
    try {
      serverLifecycle.end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
