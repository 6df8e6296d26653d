// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class ProcessExitTest {
  private static String describe(int code, boolean outOfMemory, boolean leftRunning) {
    return new ProcessExit(OptionalInt.of(code), false, outOfMemory, leftRunning, "bye").describe();
  }

  @Test
  void a_signal_has_its_name() {
    assertThat(describe(143, false, true)).isEqualTo("exit code 143 (SIGTERM): bye");
    assertThat(describe(255, true, true)).isEqualTo("exit code 255: bye");
  }

  @Test
  void only_a_kill_is_reported_as_a_lack_of_memory() {
    assertThat(describe(137, true, false))
        .isEqualTo("exit code 137 (SIGKILL), and the OOM killer was active meanwhile:" + " bye");
    assertThat(describe(137, false, false)).isEqualTo("exit code 137 (SIGKILL): bye");
    assertThat(describe(1, true, false)).isEqualTo("exit code 1: bye");
  }

  @Test
  void the_message_for_a_daemon_names_the_remedy() {
    assertThat(describe(0, false, true)).contains("must stay in the foreground");
    assertThat(describe(0, false, false)).isEqualTo("exit code 0: bye");
  }
}
