// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.doctor.CheckResult;
import dev.weir.cli.doctor.CheckResult.Level;
import dev.weir.runtime.process.ProcFs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Uses real processes. The test filters by its own launch id, because other processes of this
/// machine may match too.
final class OrphanCheckTest {
  private final String launch = UUID.randomUUID().toString();
  private Path data = Path.of("");
  private Path replica = data;
  private long engine;
  private boolean weirRuns;

  @BeforeEach
  void folders(@TempDir Path given) throws IOException {
    data = given.toRealPath();
    replica = Files.createDirectories(data.resolve("replicas/local/chat-1-0"));
  }

  @AfterEach
  void end() {
    ProcessHandle.of(engine).ifPresent(ProcessHandle::destroyForcibly);
  }

  @Test
  void an_engine_of_a_running_weir_is_owned() throws IOException {
    started(Map.of("WEIR_LAUNCH_FOLDER", replica.toString()));
    Files.writeString(replica.resolve("launch"), launch + "\n");
    weirRuns = true;
    assertThat(own()).isEmpty();
  }

  @Test
  void an_engine_of_the_previous_version_is_owned_by_its_log() throws IOException {
    started(Map.of());
    Files.writeString(replica.resolve("launch"), launch + "\n");
    weirRuns = true;
    assertThat(own()).isEmpty();
    weirRuns = false;
    assertThat(own()).hasSize(1);
  }

  @Test
  void an_engine_that_its_folder_does_not_name_is_an_orphan_with_the_command_that_ends_it()
      throws IOException {
    started(Map.of("WEIR_LAUNCH_FOLDER", replica.toString()));
    Files.writeString(replica.resolve("launch"), "another\n");
    weirRuns = true;
    assertThat(own())
        .singleElement()
        .returns(Level.WARNING, CheckResult::level)
        .returns("end it: kill -- -" + engine, CheckResult::todo)
        .extracting(CheckResult::found)
        .asString()
        .matches("pid \\d+, up \\d+ s, launch id " + launch + ", `.*sleep 600.*` is orphaned: .*")
        .contains("pid " + engine, data.toString());
    assertThat(ProcessHandle.of(engine)).hasValueSatisfying(ProcessHandle::isAlive);
  }

  @Test
  void an_engine_whose_folder_no_longer_exists_is_an_orphan() throws IOException {
    started(Map.of("WEIR_LAUNCH_FOLDER", data.resolve("gone/replicas/local/chat-1-0").toString()));
    weirRuns = true;
    assertThat(own()).singleElement().asString().contains("no data folder records it");
  }

  @Test
  void an_engine_of_a_folder_on_which_no_weir_runs_may_be_adopted() throws IOException {
    started(Map.of("WEIR_LAUNCH_FOLDER", replica.toString()));
    Files.writeString(replica.resolve("launch"), launch + "\n");
    assertThat(own())
        .singleElement()
        .extracting(CheckResult::todo)
        .asString()
        .contains("start Weir with --data " + data, "kill -- -" + engine);
  }

  private void started(Map<String, String> more) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("setsid", "sleep", "600")
            .redirectErrorStream(true)
            .redirectOutput(replica.resolve("log").toFile());
    builder.environment().put("WEIR_LAUNCH_ID", launch);
    builder.environment().putAll(more);
    engine = builder.start().pid();
    while (!leads(engine)) {
      Thread.onSpinWait();
    }
  }

  /// The process is now `sleep` in its own session.
  private static boolean leads(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    return stat.contains("(sleep)");
  }

  private List<CheckResult> own() {
    return new OrphanCheck(new ProcFs(), InstantSource.system(), System::nanoTime, _ -> weirRuns)
        .findings().stream().filter(finding -> finding.found().contains(launch)).toList();
  }
}
