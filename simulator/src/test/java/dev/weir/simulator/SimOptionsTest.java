// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.simulator.fault.SimulatedFault;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimOptionsTest {
  @Test
  void every_flag_has_a_default() {
    SimOptions options = SimOptions.parse();
    assertThat(options.port()).isEqualTo(8000);
    assertThat(options.host()).isEqualTo("127.0.0.1");
    assertThat(options.profile().name()).isEqualTo("llama-3.1-8b-h100");
    assertThat(options.limits().timeScale()).isEqualTo(1);
    assertThat(options.maxModelLen()).isEqualTo(16_384);
    assertThat(options.noise().spread()).isEqualTo(0.05);
    assertThat(options.apiKey()).isEmpty();
    assertThat(options.judge()).isFalse();
  }

  @Test
  void flags_are_read_in_both_forms() {
    SimOptions options =
        SimOptions.parse(
            "--port",
            "0",
            "--model=chat",
            "--version",
            "3",
            "--time-scale=20",
            "--error-rate",
            "0.05",
            "--health-lies",
            "--judge",
            "--poor-rate=0.2",
            "--profile",
            "llama-3.1-70b-h100-tp4");
    assertThat(options.model()).isEqualTo("chat");
    assertThat(options.version()).isEqualTo("3");
    assertThat(options.limits().timeScale()).isEqualTo(20);
    assertThat(options.faults().get(SimulatedFault.ERROR_RATE)).isEqualTo(0.05);
    assertThat(options.faults().on(SimulatedFault.HEALTH_LIES)).isTrue();
    assertThat(options.faults().get(SimulatedFault.POOR_RATE)).isEqualTo(0.2);
    assertThat(options.judge()).isTrue();
    assertThat(options.profile().decodeBaseMillis()).isEqualTo(15.071);
  }

  @Test
  void an_invalid_value_is_named() {
    assertThatThrownBy(() -> SimOptions.parse("--prot", "1")).hasMessage("unknown flag --prot");
    assertThatThrownBy(() -> SimOptions.parse("8000")).hasMessageContaining("'8000' is not a flag");
    assertThatThrownBy(() -> SimOptions.parse("--port", "x")).hasMessageContaining("--port is 'x'");
    assertThatThrownBy(() -> SimOptions.parse("--port", "70000")).hasMessageContaining("65535");
    assertThatThrownBy(() -> SimOptions.parse("--time-scale", "0"))
        .hasMessageContaining("time-scale is 0.0");
    assertThatThrownBy(() -> SimOptions.parse("--warm-up", "-1"))
        .hasMessage("--warm-up is -1, must be 0 or more");
    assertThatThrownBy(() -> SimOptions.parse("--profile", "gpt-9"))
        .hasMessageContaining("neither a file nor one of llama-3.1-70b-a100-tp2");
    assertThatThrownBy(() ->
            SimOptions.parse("--profile", "llama-3.1-70b-h100-tp2", "--max-model-len", "30000"))
        .hasMessageContaining("has only 22944 tokens");
  }

  @Test
  void a_profile_file_is_read_and_checked(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("mine.json");
    String valid =
        """
        {"name": "mine", "decodeBaseMillis": 5, "decodeMillisPerSeq": 0.1,
         "decodeMillisPer1kKvTokens": 0.02, "prefillBaseMillis": 4, "prefillMillisPer1kTokens": 12,
         "prefillMillisPer1kTokensSquared": 0.5, "kvBlocks": 1000}
        """;
    Files.writeString(file, valid);
    SimOptions options = SimOptions.parse("--profile", file.toString());
    assertThat(options.profile().name()).isEqualTo("mine");
    assertThat(options.maxModelLen()).isEqualTo(16_000);

    Files.writeString(file, valid.replace("kvBlocks", "blocks"));
    assertThatThrownBy(() -> SimOptions.parse("--profile", file.toString()))
        .hasMessageContaining("needs a number for 'kvBlocks'");
    Files.writeString(file, valid.replace("\"name\"", "\"label\": 1, \"name\""));
    assertThatThrownBy(() -> SimOptions.parse("--profile", file.toString()))
        .hasMessageContaining("unknown fields [label]");
  }

  @Test
  void the_command_answers_wrong_usage_with_64_and_help_with_0() throws InterruptedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    assertThat(SimCommand.run(print(out), print(err), "--port", "x")).isEqualTo(64);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("--port is 'x'").contains("--help");
    assertThat(SimCommand.run(print(out), print(err), "--help")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("--wrong-answer-rate", "--poor-rate", "--judge");
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
