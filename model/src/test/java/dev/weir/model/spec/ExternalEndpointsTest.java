// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;

final class ExternalEndpointsTest {
  @Test
  void each_address_of_a_name_is_called_at_the_same_port_and_path() {
    URI fleet = URI.create("dns+http://vllm.prod:8000/engine");
    assertThat(ExternalEndpoints.isDnsName(fleet)).isTrue();
    assertThat(ExternalEndpoints.resolvedTo(fleet, "10.0.0.7"))
        .isEqualTo(URI.create("http://10.0.0.7:8000/engine"));
    assertThat(ExternalEndpoints.resolvedTo(URI.create("dns+https://vllm.prod"), "fd12::7"))
        .isEqualTo(URI.create("https://[fd12::7]:443"));
  }

  @Test
  void urls_that_mean_the_same_are_the_same() {
    URI one = ExternalEndpoints.canonical(URI.create("HTTP://Vllm.Prod:80/"));
    assertThat(one).isEqualTo(ExternalEndpoints.canonical(URI.create("http://vllm.prod")));
    assertThat(one).isEqualTo(URI.create("http://vllm.prod:80"));
    assertThat(ExternalEndpoints.isDnsName(one)).isFalse();
  }
}
