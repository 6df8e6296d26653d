// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class WarmUpTest {
  @Test
  void warm_up_requests_are_answered_despite_faults() {
    SimOptions options =
        SimOptions.parse("--port", "0", "--warm-up", "3", "--error-rate", "1", "--api-key", "k");
    assertThatCode(() -> WarmUp.run(options)).doesNotThrowAnyException();
  }

  @Test
  void a_refused_request_is_reported() {
    SimOptions nothingFits =
        SimOptions.parse("--port", "0", "--warm-up", "1", "--max-model-len", "2");
    assertThatThrownBy(() -> WarmUp.run(nothingFits))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("failed: HTTP/1.1 400");
  }

  @Test
  void the_default_is_no_warm_up() {
    assertThat(SimOptions.parse().warmUp()).isZero();
  }
}
