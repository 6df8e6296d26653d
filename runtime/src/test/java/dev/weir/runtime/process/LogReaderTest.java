// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogReaderTest {
  private static final int BOUND = 4_000;

  @TempDir Path folder;
  private Path file;
  private EngineLog log;
  private int written;

  @BeforeEach
  void begin() {
    file = folder.resolve("log");
    log = new EngineLog(file, BOUND);
  }

  private void print(int lines) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lines; i++) {
      text.append("line ").append(written++).append('\n');
    }
    Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static String all(LogReader reader) {
    StringBuilder text = new StringBuilder();
    for (byte[] piece = reader.next(700); piece.length > 0; piece = reader.next(700)) {
      text.append(new String(piece, UTF_8));
    }
    return text.toString();
  }

  private static String lines(int from, int to) {
    StringBuilder text = new StringBuilder();
    for (int i = from; i < to; i++) {
      text.append("line ").append(i).append('\n');
    }
    return text.toString();
  }

  @Test
  void it_starts_with_the_last_lines_and_continues_with_new_ones() throws IOException {
    print(20);
    LogReader reader = LogReader.open(file, 3, false);
    assertThat(all(reader)).isEqualTo(lines(17, 20));
    assertThat(all(reader)).isEmpty();
    print(5);
    assertThat(all(reader)).isEqualTo(lines(20, 25));
    assertThat(all(LogReader.open(file, 0, false))).isEmpty();
    assertThat(all(LogReader.open(file, 1_000, false))).isEqualTo(lines(0, 25));
  }

  @Test
  void nothing_is_lost_or_repeated_across_rotations_when_the_reader_keeps_up() throws IOException {
    LogReader reader = LogReader.open(file, 10, false);
    StringBuilder read = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      print(37);
      if (i % 3 == 0) {
        read.append(all(reader));
      }
      log.rotate();
    }
    read.append(all(reader));
    assertThat(Files.exists(folder.resolve("log.1"))).isTrue();
    assertThat(read.toString()).isEqualTo(lines(0, written));
  }

  @Test
  void output_that_was_rotated_away_is_reported_as_lost() throws IOException {
    print(10);
    LogReader reader = LogReader.open(file, 0, false);
    for (int i = 0; i < 4; i++) {
      print(600);
      log.rotate();
    }
    print(1);
    String read = all(reader);
    assertThat(read)
        .startsWith("=== weir: output was lost here")
        .endsWith(lines(written - 1, written));
  }

  @Test
  void launches_are_separated_and_followed() throws IOException {
    log.mark("a", Instant.EPOCH);
    print(2);
    log.mark("b", Instant.EPOCH);
    print(2);
    assertThat(all(LogReader.open(file, 100, true))).contains("launch a").contains(lines(0, 2));
    assertThat(all(LogReader.open(file, 100, true))).doesNotContain("line 2");
    LogReader now = LogReader.open(file, 100, false);
    assertThat(all(now)).startsWith("=== weir: launch b").endsWith(lines(2, 4));
    log.mark("c", Instant.EPOCH);
    print(1);
    assertThat(all(now)).contains("launch c").endsWith(lines(4, 5));
    assertThat(log.tail()).as("only the output of the new launch").isEqualTo(lines(4, 5));
  }

  @Test
  void a_log_may_start_empty() throws IOException {
    assertThat(all(LogReader.open(file, 100, true))).isEmpty();
    log.mark("a", Instant.EPOCH);
    print(1);
    assertThat(all(LogReader.open(file, 100, true))).isEmpty();
  }
}
