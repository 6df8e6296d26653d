// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.FakeControl;
import dev.weir.client.FakeControl.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

final class BackupCommandTest {
  private static final Reply COPY =
      new Reply(200, "application/vnd.sqlite3", "the bytes")
          .headers(
              Map.of(
                  "x-weir-revision", "12",
                  "x-weir-audit-entries", "34",
                  "x-weir-audit-head", "ab"));

  @TempDir Path folder;
  private final CliFixture shell = new CliFixture();
  private final FakeControl control = shell.control;

  @AfterEach
  void close() {
    shell.close();
  }

  private long files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }

  @Test
  void a_backup_is_saved_for_its_owner_only_and_reported() throws Exception {
    control.on("POST /api/v1/backup", COPY);
    Path file = folder.resolve("weir.backup");
    var ended = shell.run("backup", file.toString(), "--reason", "nightly");
    assertThat(ended.status()).as(ended.err()).isZero();
    assertThat(ended.out())
        .isEqualTo("saved " + file + ": revision 12, 34 audit entries, 0.0 MiB\n");
    assertThat(Files.readString(file)).isEqualTo("the bytes");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(files()).isEqualTo(1);
    assertThat(control.last().query()).isEqualTo("reason=nightly");
  }

  @Test
  void the_json_output_is_one_document() {
    control.on("POST /api/v1/backup", COPY);
    var ended = shell.run("backup", folder.resolve("b").toString(), "-o", "json");
    var document = JsonMapper.shared().readTree(ended.out());
    assertThat(document.path("revision").asInt()).isEqualTo(12);
    assertThat(document.path("auditHead").asString()).isEqualTo("ab");
  }

  @Test
  void an_existing_file_is_never_replaced() throws Exception {
    control.on("POST /api/v1/backup", COPY);
    Path file = Files.writeString(folder.resolve("old"), "precious");
    var ended = shell.run("backup", file.toString());
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).contains("already exists and is not replaced");
    assertThat(Files.readString(file)).isEqualTo("precious");
    assertThat(control.requests()).isEmpty();
  }

  @Test
  void a_folder_and_a_missing_folder_are_reported() {
    assertThat(shell.run("backup", folder.toString()).err()).contains("is a folder: name a file");
    assertThat(shell.run("backup", folder.resolve("none/b").toString()).err())
        .contains("folder " + folder.resolve("none") + " does not exist");
    assertThat(control.requests()).isEmpty();
  }

  @Test
  void a_refusal_leaves_no_file() throws Exception {
    control.on(
        "POST /api/v1/backup",
        FakeControl.problem(507, "\"title\":\"Full\",\"detail\":\"the disk is full: free space\""));
    var ended = shell.run("backup", folder.resolve("b").toString());
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).contains("the disk is full: free space");
    assertThat(files()).isZero();
  }

  @Test
  void an_incomplete_answer_leaves_no_file() throws Exception {
    control.on("POST /api/v1/backup", FakeControl.broken());
    assertThat(shell.run("backup", folder.resolve("b").toString()).status()).isEqualTo(1);
    assertThat(files()).isZero();
  }
}
