// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import static dev.weir.runtime.ProviderContract.NAME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.model.Target;
import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.EngineType;
import dev.weir.model.spec.TargetSpec;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.status.NoStatus;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.Metadata;
import dev.weir.runtime.ObservedReplica;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The commands that the provider runs, and their environment.
final class CommandTest extends ProcessTests {
  @Test
  void a_command_that_is_not_allowed_fails_and_names_how_to_allow_it() throws Exception {
    EngineSpec engine =
        new EngineSpec(
            new EngineType("vllm"),
            List.of("/bin/rm", "-rf"),
            List.of(),
            Optional.empty(),
            Map.of());
    provider.ensure(intent(NAME, engine, Duration.ofSeconds(5), 0));
    assertThat(watcher.await(NAME, ReplicaState.FAILED).reason())
        .contains("not allowed")
        .contains("/bin/rm")
        .contains("allowedCommands");
    assertThat(files("pid.*")).isEmpty();
  }

  @Test
  void the_environment_is_scrubbed_and_secrets_are_resolved_and_never_written() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "from-a-file\n");
    Path out = folder.resolve("out");
    provider.ensure(
        shell(
            "env > " + out + ".new; mv " + out + ".new " + out + "; exec sleep 1000",
            Map.of("TOKEN", "env:WEIR_SECRET", "KEY", "file:" + secret, "PLAIN", "text")));
    watcher.await(NAME, r -> r.state() == ReplicaState.STARTING && Files.exists(out));
    List<String> env = Files.readAllLines(out);
    assertThat(env).contains("TOKEN=topsecret", "KEY=from-a-file", "PLAIN=text", "HOME=/tmp");
    assertThat(env).noneMatch(line -> line.startsWith("OTHER=") || line.startsWith("WEIR_SECRET="));
    assertThat(env).anyMatch(line -> line.startsWith("WEIR_LAUNCH_ID="));
    Files.delete(out);
    for (Path file : files("*")) {
      assertThat(Files.readString(file)).doesNotContain("topsecret").doesNotContain("from-a-file");
    }
  }

  @Test
  void a_missing_secret_is_named() throws Exception {
    provider.ensure(shell("exit 0", Map.of("TOKEN", "env:NOT_THERE")));
    assertThat(watcher.await(NAME, ReplicaState.FAILED).reason())
        .contains("TOKEN")
        .contains("env:NOT_THERE");
  }

  @Test
  void variables_that_would_load_other_code_are_refused() throws Exception {
    provider.ensure(shell("exit 0", Map.of("LD_PRELOAD", "/tmp/evil.so")));
    assertThat(watcher.await(NAME, ReplicaState.FAILED).reason()).contains("LD_PRELOAD");
  }

  @Test
  void placeholders_are_replaced_and_the_port_is_that_of_the_endpoint() throws Exception {
    Path out = folder.resolve("out");
    provider.ensure(
        shell(
            "echo $1 $2 $3 $4 > " + out + ".new; mv " + out + ".new " + out + "; exec sleep 1000"));
    ObservedReplica started =
        watcher.await(NAME, r -> r.state() == ReplicaState.STARTING && Files.exists(out));
    int port = started.endpoint().orElseThrow().getPort();
    assertThat(Files.readString(out)).isEqualTo(port + " 127.0.0.1 chat 2\n");
  }

  @Test
  void a_target_of_another_provider_is_refused() {
    TargetSpec external =
        new TargetSpec(
            ProviderType.EXTERNAL,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            List.of());
    ProcessProviderFactory factory =
        new ProcessProviderFactory(
            ProcessProviderOptions.of(folder, List.of(), InstantSource.system(), System::nanoTime));
    Target target = new Target(Metadata.of("", "far"), external, new NoStatus());
    assertThatThrownBy(() -> factory.open(target))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Target/far");
  }

  private String refused(String program) throws Exception {
    provider.ensure(program(List.of(program), List.of(), Map.of()));
    ObservedReplica failed = watcher.await(NAME, ReplicaState.FAILED);
    assertThat(failed.restarts()).isZero();
    assertThat(files("pid.*")).isEmpty();
    return failed.reason();
  }

  @Test
  void a_missing_program_is_named() throws Exception {
    assertThat(refused(folder + "/program")).isEqualTo("program not found: " + folder + "/program");
  }

  @Test
  void a_program_that_is_not_in_the_path_is_named() throws Exception {
    assertThat(refused("nowhere")).isEqualTo("program not found in Weir's PATH: nowhere");
  }

  @Test
  void a_folder_is_not_a_program() throws Exception {
    assertThat(refused(folder.toString())).contains("is not a regular file");
  }

  @Test
  void a_program_that_is_not_executable_is_reported_with_the_remedy() throws Exception {
    Files.writeString(folder.resolve("program"), "exec sleep 1000");
    assertThat(refused(folder + "/program")).contains("chmod +x");
  }

  @Test
  void a_script_without_a_first_line_is_run_by_the_shell() throws Exception {
    script("echo ran; exec sleep 1000");
    provider.ensure(program(List.of(folder + "/program"), List.of(), Map.of()));
    watcher.await(NAME, r -> r.reason().contains("last output: ran"));
  }

  @Test
  void a_program_for_another_machine_ends_with_the_message_of_the_shell() throws Exception {
    script("#!/nowhere/interpreter\n");
    provider.ensure(program(List.of(folder + "/program"), List.of(), Map.of()));
    assertThat(watcher.await(NAME, ReplicaState.FAILED).reason())
        .contains("exit code 127")
        .contains("not found");
  }

  private void script(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("program"), text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void a_child_has_three_descriptors_and_weirs_folder_and_umask() throws Exception {
    Path out = folder.resolve("out");
    try (var input = Files.newInputStream(Files.writeString(folder.resolve("kept"), "open here"))) {
      provider.ensure(
          shell(
              "{ for f in /proc/$$/fd/*; do test -e $f && readlink -f $f; done; pwd; umask; } > "
                  + out
                  + ".new; mv "
                  + out
                  + ".new "
                  + out
                  + "; exec sleep 1000"));
      watcher.await(NAME, r -> r.pid().isPresent() && Files.exists(out));
      assertThat(input.read()).isEqualTo('o');
    }
    List<String> lines = Files.readAllLines(out);
    // Standard output is redirected during the check, and the shell keeps a copy of the old one.
    String log = files("log").getFirst().toRealPath().toString();
    assertThat(lines.subList(0, lines.size() - 2))
        .contains("/dev/null", log)
        .allMatch(
            line -> line.equals("/dev/null") || line.equals(log) || line.equals(out + ".new"));
    assertThat(lines.get(lines.size() - 2)).isEqualTo(Path.of("").toAbsolutePath().toString());
    assertThat(lines.getLast()).isEqualTo(umask());
  }

  private static String umask() throws Exception {
    Process shell = new ProcessBuilder("/bin/sh", "-c", "umask").start();
    return new String(
            shell.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
        .strip();
  }
}
