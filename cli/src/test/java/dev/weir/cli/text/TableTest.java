// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TableTest {
  private static final String LONG = "reason ".repeat(30).strip();

  @Test
  void a_terminal_gets_lines_of_at_most_a_hundred_characters() {
    assertThat(table().render(new Style(true, false)).lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100))
        .last()
        .asString()
        .endsWith("…");
  }

  @Test
  void a_file_or_pipe_gets_whole_cells() {
    assertThat(table().render(Style.plain())).contains(LONG);
  }

  private static Table table() {
    return new Table("NAME", "REASON").cut(1).row("chat-1-0", LONG);
  }
}
