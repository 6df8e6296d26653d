// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.runtime.ReplicaLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;

/// Reads an engine's log from the outside: the file that it appends to, and the older part beside
/// it that rotation leaves.
///
/// Rotation copies the log to the older part and truncates it, at any moment. A reader knows that
/// it was rotated when the file is shorter than what was read of it, or no longer holds what was
/// read last; what it has not read is then at the end of the older part, unless the log has been
/// rotated again since.
final class LogReader implements ReplicaLog {
  /// The most that is looked back over for the last lines.
  private static final int MOST_BACK = 4 << 20;

  /// Enough of what was read last to know the place again.
  private static final int MEMORY = 256;

  private static final String MARK = "=== weir: launch ";
  private static final byte[] LOST =
      "=== weir: output was lost here: the log was rotated faster than it was read\n"
          .getBytes(UTF_8);

  private final Path file;
  private final Path older;

  /// What is given before anything is read.
  private byte[] kept;

  private boolean ends;
  private boolean inOlder;
  private long offset;
  private byte[] last = new byte[0];

  private LogReader(Path file) {
    this.file = file;
    this.older = file.resolveSibling(file.getFileName() + ".1");
    this.kept = new byte[0];
  }

  /// The line that stands before the output of a launch.
  static String mark(String launch, Instant at) {
    return MARK + launch + " at " + at + " ===\n";
  }

  /// @param lines of the launch's last ones, 0 or more
  /// @param previous of the launch before the present one, which nothing comes after
  static LogReader open(Path file, int lines, boolean previous) {
    LogReader reader = new LogReader(file);
    reader.begin(lines, previous);
    return reader;
  }

  private void begin(int lines, boolean previous) {
    long from = Math.max(0, size(file) - MOST_BACK);
    byte[] now = read(file, from, MOST_BACK);
    int room = MOST_BACK - now.length;
    byte[] before = read(older, Math.max(0, size(older) - room), room);
    offset = from + now.length;
    last = Arrays.copyOfRange(now, Math.max(0, now.length - MEMORY), now.length);
    // One character for each byte: places in the text are places in the bytes.
    String text = new String(before, ISO_8859_1) + new String(now, ISO_8859_1);
    int launch = text.lastIndexOf(MARK);
    if (previous) {
      ends = true;
      int earlier = launch <= 0 ? -1 : text.lastIndexOf(MARK, launch - 1);
      text = launch < 0 ? "" : text.substring(Math.max(0, earlier), launch);
    } else {
      text = text.substring(Math.max(0, launch));
    }
    kept = lastLines(text, lines).getBytes(ISO_8859_1);
  }

  private static String lastLines(String text, int lines) {
    int from = text.length();
    int at = text.endsWith("\n") ? text.length() - 2 : text.length() - 1;
    for (int i = 0; i < lines && from > 0; i++) {
      from = text.lastIndexOf('\n', at) + 1;
      at = from - 2;
    }
    return text.substring(from);
  }

  @Override
  public byte[] next(int most) {
    if (kept.length > 0) {
      byte[] part = Arrays.copyOf(kept, Math.min(most, kept.length));
      kept = Arrays.copyOfRange(kept, part.length, kept.length);
      return part;
    }
    return ends ? new byte[0] : fresh(most);
  }

  private byte[] fresh(int most) {
    if (inOlder) {
      byte[] rest = knows(older) ? taken(older, most) : new byte[0];
      return rest.length > 0 ? rest : fromStart(most);
    }
    if (!Files.exists(file) || knows(file)) {
      return taken(file, most);
    }
    if (findInOlder()) {
      return fresh(most);
    }
    byte[] first = fromStart(Math.max(1, most - LOST.length));
    byte[] told = Arrays.copyOf(LOST, LOST.length + first.length);
    System.arraycopy(first, 0, told, LOST.length, first.length);
    return told;
  }

  private byte[] fromStart(int most) {
    inOlder = false;
    offset = 0;
    last = new byte[0];
    return taken(file, most);
  }

  /// Whether the file still holds what was read last.
  private boolean knows(Path path) {
    return size(path) >= offset
        && Arrays.equals(read(path, offset - last.length, last.length), last);
  }

  /// The older part is the log's end: what was read last stands where it stood, or before that.
  private boolean findInOlder() {
    long to = Math.min(offset, size(older));
    long from = Math.max(0, to - MOST_BACK);
    String text = new String(read(older, from, (int) (to - from)), ISO_8859_1);
    int at = last.length == 0 ? -1 : text.lastIndexOf(new String(last, ISO_8859_1));
    inOlder = at >= 0;
    offset = inOlder ? from + at + last.length : offset;
    return inOlder;
  }

  private byte[] taken(Path path, int most) {
    byte[] read = read(path, offset, most);
    if (read.length > 0) {
      offset += read.length;
      byte[] joined = Arrays.copyOf(last, last.length + read.length);
      System.arraycopy(read, 0, joined, last.length, read.length);
      last = Arrays.copyOfRange(joined, Math.max(0, joined.length - MEMORY), joined.length);
    }
    return read;
  }

  private static long size(Path path) {
    try {
      return Files.exists(path) ? Files.size(path) : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  private static byte[] read(Path path, long from, int most) {
    long there = Math.clamp(size(path) - from, 0, most);
    ByteBuffer bytes = ByteBuffer.allocate((int) there);
    if (there == 0) {
      return bytes.array();
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
        // until it is full or the file has become shorter
      }
      return Arrays.copyOf(bytes.array(), bytes.position());
    } catch (NoSuchFileException gone) {
      return new byte[0];
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
  }
}
