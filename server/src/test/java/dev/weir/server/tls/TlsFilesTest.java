// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.server.tls.TlsFiles.Read;
import dev.weir.testkit.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsFilesTest {
  @TempDir static Path made;
  @TempDir Path folder;
  private static TestAuthority authority;
  private static TestAuthority.Pair pair;
  private static TestAuthority.Pair other;

  @BeforeAll
  static void issue() {
    authority = TestAuthority.in(made);
    pair = authority.issue(30);
    other = authority.issue(30);
  }

  private static Read read(Path certificate, Path key) {
    return new TlsFiles(certificate, key).read();
  }

  private static String reason(Read read) {
    return switch (read) {
      case Read.Usable usable -> throw new AssertionError("usable: " + usable.pair());
      case Read.Unusable unusable -> unusable.why();
    };
  }

  private static TlsPair usable(Read read) {
    return switch (read) {
      case Read.Usable usable -> usable.pair();
      case Read.Unusable unusable -> throw new AssertionError(unusable.why());
    };
  }

  @Test
  void a_pair_is_read_with_its_chain_and_names() {
    TlsPair read = usable(read(pair.certificate(), pair.key()));
    assertThat(read.chain()).hasSize(2);
    assertThat(read.names()).containsExactly("localhost", "127.0.0.1");
    assertThat(read.endsInItsOwnAuthority()).isTrue();
    assertThat(read.context().getProtocol()).isEqualTo("TLS");
    assertThat(read.toString()).contains("localhost").doesNotContain("PrivateKey");
  }

  @Test
  void a_key_of_another_certificate_is_refused_with_both_file_names() {
    assertThat(reason(read(pair.certificate(), other.key())))
        .contains("does not match")
        .contains(pair.certificate().toString())
        .contains(other.key().toString());
  }

  @Test
  void a_missing_or_damaged_file_is_named() throws IOException {
    Path none = folder.resolve("none");
    Path odd = Files.writeString(folder.resolve("odd"), "-----BEGIN CERTIFICATE-----\nxx\n");
    Path half =
        Files.writeString(
            folder.resolve("half.key"), Files.readString(pair.key()).replaceFirst("\nM", "\nA"));
    assertThat(reason(read(none, pair.key()))).isEqualTo(none + " does not exist");
    assertThat(reason(read(odd, pair.key()))).startsWith(odd.toString());
    assertThat(reason(read(pair.certificate(), pair.certificate()))).contains("no private key");
    assertThat(reason(read(pair.certificate(), half))).startsWith(half.toString());
  }

  @Test
  void a_key_in_another_format_is_refused_with_the_command_that_converts_it() throws IOException {
    Path old =
        Files.writeString(
            folder.resolve("old.key"),
            Files.readString(pair.key()).replace("PRIVATE KEY", "EC PRIVATE KEY"));
    assertThat(reason(read(pair.certificate(), old))).contains("openssl pkcs8 -topk8 -nocrypt -in");
  }

  @Test
  void a_key_that_every_user_can_read_is_reported() throws IOException {
    Path open = Files.copy(pair.key(), folder.resolve("open.key"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(new TlsFiles(pair.certificate(), open).keyIsPublic()).isTrue();
    assertThat(new TlsFiles(pair.certificate(), pair.key()).keyIsPublic()).isFalse();
  }
}
