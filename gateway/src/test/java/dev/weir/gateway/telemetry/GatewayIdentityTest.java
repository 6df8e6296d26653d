// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GatewayIdentityTest {
  @TempDir Path folder;

  @Test
  void the_gateway_keeps_its_id_across_restarts_and_gets_a_new_boot_id() throws IOException {
    var random = new SplittableRandom(1);
    Path data = folder.resolve("new");
    GatewayIdentity first = GatewayIdentity.inFolder(data, "0.1.0", random);
    GatewayIdentity second = GatewayIdentity.inFolder(data, "0.1.0", random);
    assertThat(first.gateway()).matches("gw-[0-9a-f]{8}").isEqualTo(second.gateway());
    assertThat(first.boot()).matches("[0-9a-f]{16}").isNotEqualTo(second.boot());
  }

  @Test
  void a_file_without_an_id_is_an_error_that_names_the_remedy() throws IOException {
    Files.writeString(folder.resolve("gateway-id"), "not an id\n");
    assertThatThrownBy(() -> GatewayIdentity.inFolder(folder, "0.1.0", new SplittableRandom(1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("delete it");
    assertThatThrownBy(() -> GatewayIdentity.named("", "0.1.0", new SplittableRandom(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
