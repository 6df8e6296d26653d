// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.doctor.CheckResult;
import dev.weir.cli.doctor.CheckResult.Level;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.testkit.ManualClock;
import dev.weir.testkit.TestAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineCheckTest {
  @TempDir Path folder;
  private final Map<String, String> environment = new HashMap<>(Map.of("PATH", "/usr/bin:/bin"));
  private final InstantSource clock = InstantSource.system();

  private List<CheckResult> findings(Path data) {
    MachineCheck checkup =
        new MachineCheck(environment, clock, System::nanoTime, new PortOwners(Path.of("/proc")));
    return checkup.run(Optional.of(data));
  }

  private static CheckResult only(List<CheckResult> findings, String check) {
    return findings.stream()
        .filter(finding -> finding.check().equals(check))
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing about " + check + " in " + findings));
  }

  private Path privateFolder() throws IOException {
    return Files.createDirectory(
        folder.resolve("data"),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  @Test
  void a_missing_folder_is_created_by_the_first_start() {
    assertThat(only(findings(folder.resolve("none")), "data folder").level()).isEqualTo(Level.OK);
  }

  @Test
  void a_file_in_its_place_and_a_folder_open_to_others_are_reported() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThat(only(findings(file), "data folder").level()).isEqualTo(Level.PROBLEM);
    Path open = Files.createDirectory(folder.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(only(findings(open), "data folder"))
        .returns(Level.WARNING, CheckResult::level)
        .returns("chmod 700 it: it contains keys", CheckResult::todo);
  }

  @Test
  void a_store_in_use_names_its_user_and_a_closed_one_is_checked() throws IOException {
    Path data = privateFolder();
    try (SqliteStore _ = SqliteStore.open(data, new ManualClock())) {
      // A process cannot see its own lock, but it can see the file.
      assertThat(Files.readString(data.resolve("weir.lock")).strip())
          .isEqualTo(Long.toString(ProcessHandle.current().pid()));
    }
    assertThat(only(findings(data), "store").found()).startsWith("is intact, schema version ");
  }

  @Test
  void a_damaged_store_is_a_problem_that_names_the_remedy() throws IOException {
    Path data = privateFolder();
    SqliteStore.open(data, new ManualClock()).close();
    try (FileChannel file = FileChannel.open(data.resolve("weir.db"), StandardOpenOption.WRITE)) {
      for (long at = 4096; at < file.size(); at += 4096) {
        file.write(ByteBuffer.wrap(new byte[] {0x55, 0x55, 0x55, 0x55}), at);
      }
    }
    assertThat(only(findings(data), "store"))
        .returns(Level.PROBLEM, CheckResult::level)
        .satisfies(finding -> assertThat(finding.todo()).contains("weir restore"));
  }

  @Test
  void a_port_in_use_is_reported_with_its_owner() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      environment.put("WEIR_GATEWAY", "127.0.0.1:" + socket.getLocalPort());
      assertThat(only(findings(folder.resolve("none")), "gateway port"))
          .returns(Level.WARNING, CheckResult::level)
          .satisfies(finding ->
              assertThat(finding.found()).contains("used by pid " + ProcessHandle.current().pid()));
    }
  }

  @Test
  void unusable_settings_are_a_problem() {
    environment.put("WEIR_LOG_LEVEL", "loud");
    assertThat(only(findings(folder.resolve("none")), "settings"))
        .returns(Level.PROBLEM, CheckResult::level);
  }

  @Test
  void a_certificate_is_valid_about_to_expire_or_expired() throws IOException {
    TestAuthority authority = TestAuthority.in(folder);
    assertThat(tls(authority.issue(40)).level()).isEqualTo(Level.OK);
    assertThat(tls(authority.issue(13)).found()).startsWith("expires in ");
    assertThat(tls(authority.issue(-1)).level()).isEqualTo(Level.PROBLEM);
    TestAuthority.Pair one = authority.issue(40);
    assertThat(tls(new TestAuthority.Pair(one.certificate(), authority.issue(40).key())).found())
        .contains("does not match");
  }

  private CheckResult tls(TestAuthority.Pair pair) {
    environment.put("WEIR_CONTROL_CERT", pair.certificate().toString());
    environment.put("WEIR_CONTROL_CERT_KEY", pair.key().toString());
    return only(findings(folder.resolve("none")), "control TLS");
  }

  @Test
  void an_old_java_is_a_problem_and_a_clock_that_jumps_a_warning() {
    assertThat(MachineCheck.java(24).level()).isEqualTo(Level.PROBLEM);
    Instant start = Instant.parse("2026-01-01T00:00:00Z");
    int[] reads = new int[1];
    InstantSource jumping = () -> start.plusSeconds(60L * reads[0]++);
    List<CheckResult> findings =
        new MachineCheck(environment, jumping, () -> 0, new PortOwners(folder))
            .run(Optional.of(folder.resolve("none")));
    assertThat(only(findings, "clock").found()).startsWith("jumped by ");
  }
}
