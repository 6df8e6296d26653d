// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ShutdownSafeLogManagerTest {
  /// A program that logs at its very end.
  static final class LastWords {
    private LastWords() {}

    public static void main(String[] args) throws InterruptedException {
      Logs.prepare();
      Logs.install("json", "info", System.err, false);
      Thread hook =
          new Thread(() -> {
            awaitOtherHooks();
            LoggerFactory.getLogger("dev.weir.test").info("last words");
          });
      Runtime.getRuntime().addShutdownHook(hook);
    }

    /// The JDK's own hook is the only other one.
    private static void awaitOtherHooks() {
      Thread.getAllStackTraces().keySet().stream()
          .filter(thread -> thread.getClass().getName().contains("LogManager"))
          .forEach(LastWords::join);
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
  void log_lines_come_through_while_the_process_ends() throws IOException, InterruptedException {
    String java = ProcessHandle.current().info().command().orElse("java");
    Process process =
        new ProcessBuilder(
                java,
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                LastWords.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, SECONDS)).isTrue();
    assertThat(output.toLowerCase(Locale.ROOT)).contains("\"message\":\"last words\"");
  }
}
