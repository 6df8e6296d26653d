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

/// Reads an engine's log: the current file and the rotated file `.1` beside it.
///
/// Rotation copies the log to the rotated file and truncates it at any time. A reader detects a
/// rotation when the file is shorter than its offset or no longer contains the bytes that it read
/// last. The unread bytes are then at the end of the rotated file, unless the log has been rotated
/// again.
final class LogReader implements ReplicaLog {
  /// Maximum number of bytes to search for the last lines.
  private static final int MAX_BACK_BYTES = 4 << 20;

  /// Number of last bytes that identify the position.
  private static final int POSITION_BYTES = 256;

  private static final String MARK = "=== weir: launch ";
  private static final byte[] LOST =
      "=== weir: output was lost here: the log was rotated faster than it was read\n"
          .getBytes(UTF_8);

  private final Path file;
  private final Path older;

  /// Output to return before reading on.
  private byte[] buffered;

  private boolean onlyBuffered;
  private boolean inOlder;
  private long offset;
  private byte[] last = new byte[0];

  private LogReader(Path file) {
    this.file = file;
    this.older = file.resolveSibling(file.getFileName() + ".1");
    this.buffered = new byte[0];
  }

  /// The line that precedes the output of a launch.
  static String mark(String launch, Instant at) {
    return MARK + launch + " at " + at + " ===\n";
  }

  /// @param lines number of last lines of the launch, 0 or more
  /// @param previous whether to read only the previous launch
  static LogReader open(Path file, int lines, boolean previous) {
    LogReader reader = new LogReader(file);
    reader.begin(lines, previous);
    return reader;
  }

  private void begin(int lines, boolean previous) {
    long from = Math.max(0, size(file) - MAX_BACK_BYTES);
    byte[] now = read(file, from, MAX_BACK_BYTES);
    int room = MAX_BACK_BYTES - now.length;
    byte[] before = read(older, Math.max(0, size(older) - room), room);
    offset = from + now.length;
    last = Arrays.copyOfRange(now, Math.max(0, now.length - POSITION_BYTES), now.length);
    // ISO 8859-1 maps each byte to one character, so offsets in the text are byte offsets.
    String text = new String(before, ISO_8859_1) + new String(now, ISO_8859_1);
    int launch = text.lastIndexOf(MARK);
    if (previous) {
      onlyBuffered = true;
      int earlier = launch <= 0 ? -1 : text.lastIndexOf(MARK, launch - 1);
      text = launch < 0 ? "" : text.substring(Math.max(0, earlier), launch);
    } else {
      text = text.substring(Math.max(0, launch));
    }
    buffered = lastLines(text, lines).getBytes(ISO_8859_1);
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
  public byte[] next(int maxBytes) {
    if (buffered.length > 0) {
      byte[] part = Arrays.copyOf(buffered, Math.min(maxBytes, buffered.length));
      buffered = Arrays.copyOfRange(buffered, part.length, buffered.length);
      return part;
    }
    return onlyBuffered ? new byte[0] : readOn(maxBytes);
  }

  private byte[] readOn(int maxBytes) {
    if (inOlder) {
      byte[] rest = hasPosition(older) ? consume(older, maxBytes) : new byte[0];
      return rest.length > 0 ? rest : fromStart(maxBytes);
    }
    if (!Files.exists(file) || hasPosition(file)) {
      return consume(file, maxBytes);
    }
    if (findInOlder()) {
      return readOn(maxBytes);
    }
    byte[] first = fromStart(Math.max(1, maxBytes - LOST.length));
    byte[] withLoss = Arrays.copyOf(LOST, LOST.length + first.length);
    System.arraycopy(first, 0, withLoss, LOST.length, first.length);
    return withLoss;
  }

  private byte[] fromStart(int maxBytes) {
    inOlder = false;
    offset = 0;
    last = new byte[0];
    return consume(file, maxBytes);
  }

  /// Whether the file still contains the last read bytes at their position.
  private boolean hasPosition(Path path) {
    return size(path) >= offset
        && Arrays.equals(read(path, offset - last.length, last.length), last);
  }

  /// Searches the rotated file, which ends with the rotated log: the last read bytes are at their
  /// old position or before it.
  private boolean findInOlder() {
    long to = Math.min(offset, size(older));
    long from = Math.max(0, to - MAX_BACK_BYTES);
    String text = new String(read(older, from, (int) (to - from)), ISO_8859_1);
    int at = last.length == 0 ? -1 : text.lastIndexOf(new String(last, ISO_8859_1));
    inOlder = at >= 0;
    offset = inOlder ? from + at + last.length : offset;
    return inOlder;
  }

  private byte[] consume(Path path, int maxBytes) {
    byte[] read = read(path, offset, maxBytes);
    if (read.length > 0) {
      offset += read.length;
      byte[] joined = Arrays.copyOf(last, last.length + read.length);
      System.arraycopy(read, 0, joined, last.length, read.length);
      last = Arrays.copyOfRange(joined, Math.max(0, joined.length - POSITION_BYTES), joined.length);
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

  private static byte[] read(Path path, long from, int maxBytes) {
    long available = Math.clamp(size(path) - from, 0, maxBytes);
    ByteBuffer bytes = ByteBuffer.allocate((int) available);
    if (available == 0) {
      return bytes.array();
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
        // until the buffer is full or the file was truncated
      }
      return Arrays.copyOf(bytes.array(), bytes.position());
    } catch (NoSuchFileException rotated) {
      return new byte[0];
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
  }
}
