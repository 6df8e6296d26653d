// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.recording;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordingFileTest {
  private static final long MANY = 64 << 20;
  private static final long HOUR = 3_600_000;

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("one.ring");
  }

  private static byte[] bytes(int number, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) number);
    return bytes;
  }

  private static List<Integer> numbers(RecordingFile recordingFile) throws IOException {
    List<Integer> numbers = new ArrayList<>();
    for (RecordingFile.Kept entry : recordingFile.kept()) {
      numbers.add((int) recordingFile.read(entry)[0]);
    }
    return numbers;
  }

  private RecordingFile of(int count) throws IOException {
    RecordingFile recordingFile = new RecordingFile(file(), MANY);
    for (int i = 1; i <= count; i++) {
      recordingFile.add(i * 1_000L, 7, bytes(i, 100));
    }
    return recordingFile;
  }

  @Test
  void added_recordings_survive_reopening_and_only_the_owner_can_read_the_file()
      throws IOException {
    of(3).close();
    try (RecordingFile again = new RecordingFile(file(), MANY)) {
      assertThat(numbers(again)).containsExactly(1, 2, 3);
      assertThat(again.kept().getLast().atMillis()).isEqualTo(3_000);
      assertThat(again.kept().getLast().keyId()).isEqualTo(7);
      assertThat(again.damaged()).isZero();
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
  }

  /// After a kill -9 the file may end at any byte.
  @Test
  void wherever_the_file_is_cut_complete_recordings_survive_and_adding_continues()
      throws IOException {
    of(3).close();
    byte[] whole = Files.readAllBytes(file());
    int frame = whole.length / 3;
    for (int end = 0; end <= whole.length; end += 7) {
      Files.write(file(), Arrays.copyOf(whole, end));
      try (RecordingFile torn = new RecordingFile(file(), MANY)) {
        assertThat(torn.size()).isEqualTo(end / frame);
        assertThat(torn.damaged()).isEqualTo(end % frame == 0 ? 0 : 1);
        torn.add(9_000, 7, bytes(9, 50));
      }
      try (RecordingFile after = new RecordingFile(file(), MANY)) {
        assertThat(after.damaged()).isZero();
        assertThat(numbers(after).getLast()).isEqualTo(9);
      }
    }
  }

  @Test
  void a_damaged_recording_in_the_middle_is_skipped() throws IOException {
    of(5).close();
    byte[] whole = Files.readAllBytes(file());
    int frame = whole.length / 5;
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 50; i++) {
      byte[] broken = whole.clone();
      int hit = 2 * frame + random.nextInt(frame);
      broken[hit] ^= (byte) (1 + random.nextInt(255));
      Files.write(file(), broken);
      try (RecordingFile recordingFile = new RecordingFile(file(), MANY)) {
        assertThat(numbers(recordingFile)).as("byte " + hit).containsExactly(1, 2, 4, 5);
        assertThat(recordingFile.damaged()).isEqualTo(1);
      }
    }
  }

  @Test
  void a_file_of_another_format_is_an_empty_ring() throws IOException {
    byte[] noise = new byte[300_000];
    new SplittableRandom(5).nextBytes(noise);
    Files.write(file(), noise);
    try (RecordingFile recordingFile = new RecordingFile(file(), MANY)) {
      assertThat(recordingFile.size()).isZero();
      assertThat(recordingFile.damaged()).isEqualTo(1);
      recordingFile.add(1, 7, bytes(1, 10));
    }
    assertThat(Files.size(file())).isLessThan(100);
  }

  @Test
  void the_oldest_are_removed_by_number_and_by_size() throws IOException {
    try (RecordingFile recordingFile = of(10)) {
      recordingFile.trim(4, HOUR, 10_000);
      assertThat(numbers(recordingFile)).containsExactly(7, 8, 9, 10);
    }
    try (RecordingFile small = new RecordingFile(folder.resolve("small"), 500)) {
      for (int i = 1; i <= 10; i++) {
        small.add(i, 7, bytes(i, 100));
        small.trim(100, HOUR, i);
      }
      assertThat(numbers(small)).containsExactly(7, 8, 9, 10);
    }
  }

  @Test
  void expired_recordings_are_not_read_and_are_removed_from_disk_within_an_hour()
      throws IOException {
    try (RecordingFile recordingFile = of(10)) {
      long before = Files.size(file());
      recordingFile.trim(100, 5_500, 10_000);
      assertThat(numbers(recordingFile)).containsExactly(5, 6, 7, 8, 9, 10);
      assertThat(Files.size(file())).isEqualTo(before);
      recordingFile.trim(100, 2 * HOUR, 10_000 + HOUR - 1);
      assertThat(Files.size(file())).isEqualTo(before);
      recordingFile.trim(100, 2 * HOUR, 10_000 + HOUR);
      assertThat(Files.size(file())).isLessThan(before);
      recordingFile.add(11_000, 7, bytes(11, 10));
      assertThat(numbers(recordingFile)).containsExactly(5, 6, 7, 8, 9, 10, 11);
    }
    try (RecordingFile again = new RecordingFile(file(), MANY)) {
      assertThat(numbers(again)).containsExactly(5, 6, 7, 8, 9, 10, 11);
      assertThat(again.damaged()).isZero();
    }
  }

  @Test
  void the_file_stays_small_however_much_is_added() throws IOException {
    try (RecordingFile recordingFile = new RecordingFile(file(), MANY)) {
      for (int i = 0; i < 3_000; i++) {
        recordingFile.add(i, 7, bytes(i, 10_000));
        recordingFile.trim(10, HOUR, i);
        assertThat(Files.size(file())).isLessThan(1_400_000);
      }
      assertThat(recordingFile.size()).isEqualTo(10);
    }
  }

  @Test
  void leftovers_of_an_interrupted_rewrite_are_ignored() throws IOException {
    of(2).close();
    Files.write(folder.resolve("one.ring.new"), new byte[100], StandardOpenOption.CREATE);
    try (RecordingFile recordingFile = new RecordingFile(file(), MANY)) {
      assertThat(numbers(recordingFile)).containsExactly(1, 2);
    }
    assertThat(folder.resolve("one.ring.new")).doesNotExist();
  }
}
