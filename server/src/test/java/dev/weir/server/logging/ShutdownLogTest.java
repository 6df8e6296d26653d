// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.logging;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ShutdownLogTest {
  /// A program that logs while the JVM shuts down.
  static final class LoggingAtShutdown {
    private LoggingAtShutdown() {}

    public static void main(String[] args) {
      if (args.length > 0) {
        Logs.install(args[0], "info", System.err, false);
      }
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(() -> {
                awaitOtherHooks();
                LoggerFactory.getLogger("dev.weir.test").info("last event");
              }));
    }

    /// Hooks of the JDK and of libraries end first.
    private static void awaitOtherHooks() {
      Thread.getAllStackTraces().keySet().stream()
          .filter(thread -> thread.getClass().getName().contains("LogManager"))
          .forEach(LoggingAtShutdown::join);
    }

    private static void join(Thread thread) {
      try {
        thread.join(10_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void events_during_the_shutdown_are_written() throws IOException, InterruptedException {
    assertThat(outputOf("json")).contains("\"message\":\"last event\"");
  }

  @Test
  void a_command_that_installs_nothing_logs_text() throws IOException, InterruptedException {
    assertThat(outputOf()).matches("\\S+ info  test message=\"last event\"\n");
  }

  private static String outputOf(String... args) throws IOException, InterruptedException {
    String java = ProcessHandle.current().info().command().orElse("java");
    List<String> command = new java.util.ArrayList<>();
    command.addAll(
        List.of(
            java,
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            LoggingAtShutdown.class.getName()));
    command.addAll(List.of(args));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, SECONDS)).isTrue();
    return output;
  }
}
