// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.spec.ExternalEndpoints;
import dev.weir.runtime.AddressRule.AddressDecision;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressRuleTest {
  private final AddressRule rule = new AddressRule(() -> Set.of(8080, 9090), NameResolver.SYSTEM);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1:70/",
        "//127.0.0.1/no-scheme",
        "http:///no-host",
        "http://user:word@127.0.0.1:8000/",
        "http://169.254.169.254/latest/meta-data",
        "HTTP://169.254.0.1:80",
        "http://[fe80::1]:8000",
        "http://[::ffff:169.254.169.254]/",
        "http://[fd00:ec2::254]/latest",
        "http://100.100.100.200/",
        "http://0.0.0.0:8000",
        "http://[::]:8000",
        "http://224.0.0.1/",
        "http://127.0.0.1:8080/",
        "http://127.8.8.8:9090/",
        "http://[::1]:9090/",
        "http://no-such-host.invalid/"
      })
  void forbidden_addresses_are_refused_with_a_reason(String uri) {
    assertThat(rule.check(URI.create(uri))).isInstanceOf(AddressDecision.Refused.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://127.0.0.1:8000", "https://10.1.2.3", "http://192.168.1.1:8080/v1"})
  void ordinary_servers_may_be_called(String uri) {
    assertThat(rule.check(URI.create(uri))).isEqualTo(new AddressDecision.Allowed(at(uri)));
  }

  private static URI at(String uri) {
    return ExternalEndpoints.canonical(URI.create(uri));
  }

  @Test
  void the_address_that_a_name_resolves_to_is_reported() throws Exception {
    InetAddress address = InetAddress.getByName("10.1.2.3");
    AddressRule named = new AddressRule(Set::of, _ -> List.of(address));
    assertThat(named.check(URI.create("https://engine.test/base")))
        .isEqualTo(new AddressDecision.Allowed(URI.create("https://10.1.2.3:443/base")));
  }
}
