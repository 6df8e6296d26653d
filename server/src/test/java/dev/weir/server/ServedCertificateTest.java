// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.weir.server.configuration.Address;
import dev.weir.server.configuration.Configuration;
import dev.weir.server.configuration.ConfigurationException;
import dev.weir.server.configuration.Setting;
import dev.weir.testkit.TestAuthority;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServedCertificateTest {
  @TempDir Path folder;
  private TestAuthority authority;

  @BeforeEach
  void found() {
    authority = TestAuthority.in(folder);
  }

  private static Optional<ServedCertificate> served(Path certificate, Path key) {
    Map<Setting, String> flags =
        Map.of(
            Setting.CONTROL_CERT, certificate.toString(),
            Setting.CONTROL_CERT_KEY, key.toString());
    Configuration configuration = Configuration.load(Optional.empty(), Map.of(), flags);
    return ServedCertificate.of(configuration, Setting.CONTROL);
  }

  private ServedCertificate named(String... hosts) {
    TestAuthority.Pair pair = authority.issue(30, hosts);
    return served(pair.certificate(), pair.key()).orElseThrow();
  }

  @Test
  void the_url_for_all_addresses_uses_a_name_from_the_certificate() {
    Address all = new Address("0.0.0.0", 1);
    assertThat(named("weir.example.org", "localhost").url(all)).isEqualTo("https://localhost:1");
    assertThat(named("*.example.org", "weir.example.org").url(all))
        .isEqualTo("https://weir.example.org:1");
    assertThat(named("weir.example.org").url(new Address("127.0.0.1", 1)))
        .isEqualTo("https://127.0.0.1:1");
  }

  @Test
  void clients_can_trust_a_file_with_its_own_authority_unchanged() {
    assertThat(named("localhost").ownAuthority()).isPresent();
  }

  @Test
  void an_unusable_pair_ends_the_start_with_its_reason() {
    TestAuthority.Pair one = authority.issue(30);
    TestAuthority.Pair other = authority.issue(30);
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> served(one.certificate(), other.key()))
        .withMessageStartingWith("control cannot listen with TLS: the key in " + other.key());
  }
}
