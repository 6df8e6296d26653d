// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import static dev.weir.runtime.ProviderContract.NAME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import dev.weir.model.EngineSpec;
import dev.weir.model.EngineType;
import dev.weir.model.Metadata;
import dev.weir.model.NoStatus;
import dev.weir.model.ReplicaState;
import dev.weir.model.Target;
import dev.weir.model.TargetSpec;
import dev.weir.model.TargetSpec.ProviderType;
import dev.weir.runtime.ObservedReplica;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What is run, and with what around it.
final class CommandTest extends ProcessTests {
  @Test
  void a_command_that_is_not_allowed_has_failed_and_says_who_can_allow_it() throws Exception {
    EngineSpec engine =
        new EngineSpec(
            EngineType.VLLM, List.of("/bin/rm", "-rf"), List.of(), Optional.empty(), Map.of());
    provider.ensure(intent(NAME, engine, Duration.ofSeconds(5), 0));
    assertThat(watcher.await(NAME, ReplicaState.FAILED).reason())
        .contains("not allowed")
        .contains("/bin/rm")
        .contains("allowedCommands");
    assertThat(files("pid.*")).isEmpty();
  }

  @Test
  void the_environment_is_scrubbed_and_secrets_are_resolved_and_nowhere_written() throws Exception {
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
  void a_secret_that_is_not_there_is_named() throws Exception {
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
  void placeholders_are_filled_in_and_the_port_is_the_endpoints() throws Exception {
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
}
