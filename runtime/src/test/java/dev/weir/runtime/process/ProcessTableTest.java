// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.runtime.process.ProcessTable.Entry;
import dev.weir.runtime.process.ProcessTable.Identity;
import org.junit.jupiter.api.Test;

final class ProcessTableTest {
  private static final String REST = " 1 77 77 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4242 1000 200";

  @Test
  void a_process_name_may_contain_any_character() {
    assertThat(ProcFs.parse("77 (a) b (c 1) S" + REST))
        .contains(new Entry(new Identity(77, 4242), 1, 77, 77, 'S', "a) b (c 1"));
  }

  @Test
  void dead_processes_are_distinguished_from_living_ones() {
    assertThat(ProcFs.parse("77 (sh) Z" + REST)).get().extracting(Entry::zombie).isEqualTo(true);
  }

  @Test
  void an_incomplete_line_is_ignored() {
    assertThat(ProcFs.parse("")).isEmpty();
    assertThat(ProcFs.parse("12")).isEmpty();
    assertThat(ProcFs.parse("77 (sh) S 1 77")).isEmpty();
    assertThat(ProcFs.parse("x (sh) S" + REST)).isEmpty();
  }

  @Test
  void a_reused_pid_is_another_process() {
    long self = ProcessHandle.current().pid();
    Identity now = new ProcFs().find(self).orElseThrow().identity();
    assertThat(new ProcFs().alive(now)).isTrue();
    assertThat(new ProcFs().alive(new Identity(self, now.startTicks() + 1))).isFalse();
  }
}
