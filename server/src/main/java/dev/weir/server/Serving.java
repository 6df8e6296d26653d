// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.io.Console;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What every serving command does around its planes: logs, an orderly end on SIGTERM.
final class Serving {
  /// Draining streams (20 s), calls to the API (5 s), what is being reconciled (10 s) and replicas
  /// (13 s) all have their own ends; this is for what hangs all the same.
  private static final Duration LONGEST_STOP = Duration.ofSeconds(60);

  private static final Logger LOG = LoggerFactory.getLogger(Serving.class);

  private Serving() {}

  /// Prints the settings and answers true when only that was asked for; else sets up logging.
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
      LOG.warn("event=config.variable.unknown name={}: it means nothing to Weir", name);
    }
    return true;
  }

  /// Whether a person watches.
  static boolean terminal() {
    return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
  }

  /// Starts, waits for SIGTERM or SIGINT, then closes; the process ends with that, or when it took
  /// too long. The signal may come as early as it likes.
  static void serve(ServerLifecycle.Start start) throws IOException, InterruptedException {
    ServerLifecycle serverLifecycle = new ServerLifecycle();
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> stop(serverLifecycle)));
    serverLifecycle.run(start);
  }

  private static void stop(ServerLifecycle serverLifecycle) {
    Thread closing = Thread.ofPlatform().daemon().name("closing").start(() -> end(serverLifecycle));
    try {
      if (!closing.join(LONGEST_STOP)) {
        System.err.println(
            "weir: not everything stopped within " + LONGEST_STOP.toSeconds() + " s");
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
