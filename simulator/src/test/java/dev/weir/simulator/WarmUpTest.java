// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class WarmUpTest {
  @Test
  void every_request_is_answered_whatever_is_wrong_with_the_real_server() {
    SimOptions options =
        SimOptions.parse("--port", "0", "--warm-up", "3", "--error-rate", "1", "--api-key", "k");
    assertThatCode(() -> WarmUp.run(options)).doesNotThrowAnyException();
  }

  @Test
  void a_request_that_is_refused_is_told() {
    SimOptions nothingFits =
        SimOptions.parse("--port", "0", "--warm-up", "1", "--max-model-len", "2");
    assertThatThrownBy(() -> WarmUp.run(nothingFits))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("failed: HTTP/1.1 400");
  }

  @Test
  void none_is_the_default() {
    assertThat(SimOptions.parse().warmUp()).isZero();
  }
}
