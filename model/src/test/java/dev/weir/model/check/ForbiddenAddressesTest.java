// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ForbiddenAddressesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "169.254.169.254",
        "169.254.0.1",
        "fe80::1",
        "[febf::1]",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "::169.254.169.254",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "0.0.0.0",
        "0.1.2.3",
        "::",
        "224.0.0.1",
        "ff02::1",
        "255.255.255.255"
      })
  void what_nobody_serves_at_or_hands_out_credentials_is_forbidden(String address) {
    assertThat(ForbiddenAddresses.literal(address)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "::1",
        "10.1.2.3",
        "192.168.0.1",
        "100.64.0.1",
        "fd12:3456::1",
        "2001:db8::1",
        "64:ff9b::a01:203",
        "vllm.prod"
      })
  void servers_are_not(String address) {
    assertThat(ForbiddenAddresses.literal(address)).isEmpty();
  }
}
