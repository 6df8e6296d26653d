// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.CliFixture.Ended;
import dev.weir.cli.session.ExitStatus;
import dev.weir.client.FakeControl;
import dev.weir.model.status.ReplicaState;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Mistakes of users and scripts: a command ends with one line and a status, never with a stack
/// trace, and sends nothing to the control plane.
@Timeout(60)
class HostileUseTest {
  private static final String MODEL =
      "{apiVersion: weir.dev/v1, kind: Model, metadata: {name: m}, spec: {owner: a}}\n";

  @TempDir Path folder;

  private final CliFixture shell = new CliFixture();
  private final FakeControl control = shell.control;

  @AfterEach
  void close() {
    shell.close();
  }

  private void refused(String file, String why) {
    for (String verb : new String[] {"apply", "plan", "diff"}) {
      Ended ended = shell.run(verb, "-f", file);
      assertThat(ended.status()).as(ended.err()).isEqualTo(ExitStatus.ERROR);
      assertThat(ended.err()).startsWith("weir: ").contains(why).doesNotContain("\tat ");
      assertThat(ended.err()).doesNotContain("\u0000").hasSizeLessThan(2_000);
      assertThat(ended.out()).isEmpty();
    }
    assertThat(control.requests()).isEmpty();
  }

  @Test
  void a_file_that_is_too_large_is_refused_unread() throws IOException {
    Path huge = folder.resolve("huge.yaml");
    try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
      file.setLength(1L << 34);
    }
    refused(huge.toString(), "is larger than 33554432 bytes: split it");
  }

  @Test
  void a_binary_file_is_not_a_manifest() throws IOException {
    Path binary = folder.resolve("model.bin");
    byte[] bytes = new byte[200_000];
    new SplittableRandom(7).nextBytes(bytes);
    Files.write(binary, bytes);
    refused(binary.toString(), "model.bin");
    Files.write(binary, new byte[100_000]);
    refused(binary.toString(), "model.bin");
  }

  @Test
  void a_folder_without_manifests_and_a_missing_file_are_named() {
    refused(folder.toString(), "no .yaml, .yml or .json file in " + folder);
    refused(folder.resolve("gone.yaml").toString(), "there is no such file");
    refused("a\u0000b", "cannot read");
  }

  @Test
  void only_files_in_a_folder_are_read() throws Exception {
    Files.createDirectory(folder.resolve("folder.yaml"));
    pipe("pipe.yaml");
    refused(folder.toString(), "no .yaml, .yml or .json file in " + folder);
  }

  @Test
  void a_pipe_is_read_to_its_end() throws Exception {
    control.on(
        "POST /api/v1/apply",
        FakeControl.json(
            "{\"revision\": 1, \"dryRun\": false, \"results\": [], \"warnings\": []}"));
    Path pipe = pipe("pipe");
    Thread writer = Thread.ofVirtual().start(() -> write(pipe));
    Ended ended = shell.run("apply", "-f", pipe.toString());
    writer.join();
    assertThat(ended.status()).as(ended.err()).isEqualTo(ExitStatus.OK);
    assertThat(control.last().body()).contains("\"name\":\"m\"");
  }

  private Path pipe(String name) throws Exception {
    Path pipe = folder.resolve(name);
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    return pipe;
  }

  private static void write(Path pipe) {
    try {
      Files.writeString(pipe, MODEL);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  // --- closed output

  /// Standard output whose reader stopped after some bytes, as Java reports it.
  private static PrintWriter closedAfter(int most) {
    OutputStream pipe =
        new OutputStream() {
          private int written;

          @Override
          public void write(int b) throws IOException {
            if (++written > most) {
              throw new IOException("Broken pipe");
            }
          }
        };
    return new PrintWriter(
        new PrintStream(pipe, true, StandardCharsets.UTF_8), true, StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "get replicas",
        "get replicas -o json",
        "get replicas -o yaml",
        "get replicas --watch",
        "get replicas --watch -o json",
        "--help"
      })
  void a_command_ends_silently_at_once_when_its_output_is_closed(String line) {
    control.on(
        "GET /api/v1/replicas",
        CliFixture.observed(FleetFixture.replica("1", 0, ReplicaState.READY, "ready")),
        CliFixture.observed(FleetFixture.replica("1", 0, ReplicaState.FAILED, "exit code 1")));
    Ended ended = shell.runInto(closedAfter(10), line.split(" ", -1));
    assertThat(ended.status()).isEqualTo(ExitStatus.UNREAD);
    assertThat(ended.err()).isEmpty();
  }
}
