// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.dialect.ApiPath;
import dev.weir.model.engine.EngineApi;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EngineApisTest {
  @ParameterizedTest
  @EnumSource
  void a_gateway_knows_every_path_that_a_profile_can_name(EngineApi api) {
    assertThat(ApiPath.find(api.text())).isPresent();
  }
}
