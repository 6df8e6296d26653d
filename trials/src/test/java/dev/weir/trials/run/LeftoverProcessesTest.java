// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.runtime.process.ProcFs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The check that every trial ends with, on real processes.
final class LeftoverProcessesTest {
  private final TrialRun run = new TrialRun(false, 1, Optional.empty(), Optional.empty());
  private Path folder = Path.of("");
  private LeftoverProcesses leftoverProcesses =
      new LeftoverProcesses(folder, new ProcFs(), Duration.ZERO);
  private Process process;

  @BeforeEach
  void folder(@TempDir Path given) throws IOException {
    folder = given.toRealPath();
    leftoverProcesses = new LeftoverProcesses(folder, new ProcFs(), Duration.ofMillis(200));
    process = new ProcessBuilder("true").start();
  }

  @AfterEach
  void end() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Test
  void a_process_that_inherited_the_runs_folder_fails_the_trial_and_is_killed() throws Exception {
    process = sleeping(new ProcessBuilder("sleep", "600"), LeftoverProcesses.FOLDER, folder);
    leftoverProcesses.judge(run);
    assertThat(run.failures())
        .singleElement()
        .asString()
        .contains("pid " + process.pid(), "launch id -", "command: sleep 600");
    assertThat(process.waitFor()).isEqualTo(128 + 9);
  }

  @Test
  void an_engine_of_a_data_folder_of_the_run_is_named_by_its_launch_id() throws Exception {
    ProcessBuilder engine =
        new ProcessBuilder("sleep", "600").redirectOutput(folder.resolve("log").toFile());
    process = sleeping(engine, "WEIR_LAUNCH_ID", Path.of("l-1"));
    leftoverProcesses.judge(run);
    assertThat(run.failures())
        .singleElement()
        .asString()
        .contains("pid " + process.pid(), "launch id l-1");
    assertThat(process.waitFor()).isEqualTo(128 + 9);
  }

  @Test
  void a_process_of_another_run_is_left_alone() throws Exception {
    Path other = folder.resolveSibling("another-run");
    process = sleeping(new ProcessBuilder("sleep", "600"), LeftoverProcesses.FOLDER, other);
    leftoverProcesses.judge(run);
    assertThat(run.failures()).isEmpty();
    assertThat(process.isAlive()).isTrue();
  }

  @Test
  void a_trial_that_left_nothing_does_not_fail_and_has_passed_nothing_by_that() {
    leftoverProcesses.judge(run);
    assertThat(run.failures()).isEmpty();
    assertThat(run.passed()).isZero();
  }

  private static Process sleeping(ProcessBuilder builder, String variable, Path value)
      throws IOException {
    builder.environment().clear();
    builder.environment().put("PATH", System.getenv("PATH"));
    builder.environment().put(variable, value.toString());
    return builder.start();
  }
}
