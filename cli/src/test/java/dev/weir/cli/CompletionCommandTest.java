// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompletionCommandTest {
  @TempDir private Path folder = Path.of("");

  private static boolean onPath(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
  }

  @Test
  void bash_accepts_the_script_and_it_names_every_command() throws Exception {
    try (CliFixture shell = new CliFixture()) {
      String script = shell.run("completion", "bash").out();
      assertThat(script)
          .contains("apply", "plan", "diff", "delete", "get", "describe", "history", "rollout")
          .contains("audit", "key", "context", "whoami", "version", "--wait", "--filename")
          .contains("fault", "inject", "--acknowledge-real-traffic");
      assumeTrue(onPath("bash"), "there is no bash");
      accepts(Files.writeString(folder.resolve("weir.bash"), script));
    }
  }

  private void accepts(Path script) throws IOException, InterruptedException {
    Path output = folder.resolve("told");
    Process bash =
        new ProcessBuilder("bash", "-n", script.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(bash.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(output).isEmptyFile();
    assertThat(bash.exitValue()).isZero();
  }
}
