// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class AuditCommandsTest {
  @Test
  void a_change_of_many_resources_takes_no_more_room_than_one() {
    assertThat(AuditCommands.subject("Service/default/chat")).isEqualTo("Service/default/chat");
    assertThat(AuditCommands.subject("Model/a/b, ModelVersion/a/b-1, Service/a/b"))
        .isEqualTo("Model/a/b and 2 more");
  }
}
