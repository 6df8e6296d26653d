// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:8080, 127.0.0.1, 8080",
    "localhost:0, localhost, 0",
    "[::1]:9090, ::1, 9090",
    ":65535, 0.0.0.0, 65535",
  })
  void host_and_port_are_read(String text, String host, int port) {
    assertThat(Address.parse("gateway", text)).isEqualTo(new Address(host, port));
  }

  @ParameterizedTest
  @ValueSource(strings = {"8080", "localhost", "localhost:", "localhost:http", "a:65536", "a:-1"})
  void an_invalid_address_is_refused_with_the_name_of_the_setting(String text) {
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> Address.parse("gateway", text))
        .withMessageStartingWith("gateway");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:80", "[::1]:80", "0.0.0.0:80", "localhost:80"})
  void an_address_is_printed_as_it_is_read(String text) {
    assertThat(Address.parse("gateway", text)).hasToString(text);
  }

  @Test
  void loopback_addresses_are_recognised() {
    assertThat(new Address("127.0.0.2", 0).loopback()).isTrue();
    assertThat(new Address("::1", 0).loopback()).isTrue();
    assertThat(new Address("0.0.0.0", 0).loopback()).isFalse();
    assertThat(new Address("192.0.2.1", 0).loopback()).isFalse();
  }

  @Test
  void the_bound_port_replaces_port_0() {
    assertThat(new Address("127.0.0.1", 0).withPort(4711)).hasToString("127.0.0.1:4711");
  }
}
