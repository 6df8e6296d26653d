// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogTextTest {
  private static List<String> shown(String... pieces) {
    LogText text = new LogText();
    List<String> lines = new ArrayList<>();
    for (String piece : pieces) {
      lines.addAll(text.lines(piece.getBytes(UTF_8)));
    }
    lines.addAll(text.rest());
    return lines;
  }

  @Test
  void lines_come_whole_however_they_arrive() {
    assertThat(shown("one\ntw", "o\r\nthree\n", "four"))
        .containsExactly("one", "two", "three", "four");
    assertThat(shown("\n\n")).containsExactly("", "");
  }

  @Test
  void nothing_that_a_terminal_would_obey_gets_through() {
    assertThat(shown("\u001b[31mred\u001b[0m \u001b]0;title\u0007plain\n"))
        .containsExactly("red plain");
    assertThat(shown("a\u0007b\u001bc\u009bd\u0000\n"))
        .containsExactly("a\ufffdb\ufffdc\ufffdd\ufffd");
    assertThat(shown("abc\u202etxt.exe\n")).containsExactly("abctxt.exe");
    assertThat(shown("tab\tstays\n")).containsExactly("tab\tstays");
  }

  @Test
  void a_progress_bar_is_one_line_after_the_other() {
    assertThat(shown("10%\r20%\r30%\n")).containsExactly("10%", "20%", "30%");
  }

  @Test
  void bytes_that_are_no_text_and_lines_without_end_are_bounded() {
    LogText text = new LogText();
    byte[] garbage = new byte[LogText.MAX_LINE * 3];
    java.util.Arrays.fill(garbage, (byte) 0xC3);
    List<String> lines = text.lines(garbage);
    assertThat(lines).hasSize(2).allSatisfy(line -> assertThat(line).matches("\ufffd+"));
    assertThat(text.rest()).hasSize(1);
  }
}
