// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Control and gateway have the rule each for itself, because they share no module that could hold
/// it; here it is one rule.
final class AddressPoliciesAgreeTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "169.254.169.254",
        "fe80::1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "255.255.255.255"
      })
  void both_refuse_it(String address) {
    assertThat(control(InetAddress.ofLiteral(address))).isTrue();
    assertThat(gateway(InetAddress.ofLiteral(address))).isTrue();
  }

  @Test
  void both_say_the_same_of_any_address() throws UnknownHostException {
    Random random = new Random(11);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[i % 2 == 0 ? 4 : 16];
      random.nextBytes(bytes);
      if (i % 4 == 1) {
        // Most of it zero, where the special forms are.
        for (int at = 2; at < 12; at++) {
          bytes[at] = 0;
        }
        bytes[0] = (byte) (i % 3 == 0 ? 0x20 : 0);
        bytes[1] = (byte) (i % 3 == 0 ? 0x02 : 0);
      }
      InetAddress address = InetAddress.getByAddress(bytes);
      assertThat(gateway(address)).as("%s", address).isEqualTo(control(address));
    }
  }

  private static boolean control(InetAddress address) {
    return dev.weir.model.check.ForbiddenAddresses.reason(address).isPresent();
  }

  private static boolean gateway(InetAddress address) {
    return dev.weir.gateway.upstream.BlockedAddresses.isBlocked(address);
  }
}
