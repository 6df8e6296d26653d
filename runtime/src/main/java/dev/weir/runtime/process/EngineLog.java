// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.weir.runtime.engine.OneLine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An engine's log. The engine appends to the file itself, so that it neither blocks nor ends with
/// Weir.
final class EngineLog {
  private static final Logger LOG = LoggerFactory.getLogger(EngineLog.class);
  private static final int TAIL_BYTES = 4 << 10;
  private static final int TAIL_LINES = 3;
  private static final int MAX_LINE = 300;
  private static final int MAX_PROGRESS = 120;

  private final Path file;
  private final long maxBytes;

  /// Offset of the current launch's output.
  private long begin;

  EngineLog(Path file, long maxBytes) {
    this.file = file;
    this.maxBytes = maxBytes;
  }

  Path file() {
    return file;
  }

  /// Marks the start of a new launch with a line in the log, by which readers separate launches. A
  /// failure to write does not prevent the start.
  void mark(String launch, Instant at) {
    try {
      String open = tail().isEmpty() || tail().endsWith("\n") ? "" : "\n";
      Files.writeString(file, open + LogReader.mark(launch, at), CREATE, APPEND);
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("event", "engine.log.unmarked")
          .addKeyValue("file", file)
          .addKeyValue("error", e.toString())
          .log("The start of a launch cannot be marked in the engine log");
    }
    begin = size();
  }

  /// Copies a log above the size limit to `log.1` and truncates it. Output between these steps is
  /// lost. The engine continues at the new end, because it appends.
  void rotate() {
    if (size() <= maxBytes) {
      return;
    }
    Path older = file.resolveSibling(file.getFileName() + ".1");
    try (FileChannel from = FileChannel.open(file, READ, WRITE)) {
      copyTo(from, older);
      from.truncate(0);
      begin = 0;
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("event", "engine.log.unrotated")
          .addKeyValue("file", file)
          .addKeyValue("error", e.toString())
          .log("The engine log cannot be rotated");
    }
  }

  /// Continues on a full disk, because the truncation frees space.
  private void copyTo(FileChannel from, Path older) {
    try (FileChannel to = FileChannel.open(older, CREATE, WRITE, TRUNCATE_EXISTING)) {
      long end = from.size();
      long start = Math.max(0, end - maxBytes); // a burst may exceed the limit by far
      long copied = 1;
      while (start < end && copied > 0) { // 0: the file was truncated concurrently
        copied = from.transferTo(start, end - start, to);
        start += copied;
      }
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("event", "engine.log.lost")
          .addKeyValue("file", older)
          .addKeyValue("error", e.toString())
          .log("The older part of the engine log cannot be copied and is lost");
    }
  }

  /// The current launch's last line, truncated; empty without output.
  String lastLine() {
    List<String> lines = lines();
    return lines.isEmpty() ? "" : OneLine.of(lines.getLast(), MAX_PROGRESS);
  }

  /// The current launch's last lines on one line, truncated; empty without output.
  String lastWords() {
    List<String> lines = lines();
    return OneLine.endOf(
        String.join(" | ", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size())),
        MAX_LINE);
  }

  private List<String> lines() {
    return tail().lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }

  /// The end of the current launch's output.
  String tail() {
    long size = size();
    long from = Math.max(begin <= size ? begin : 0, size - TAIL_BYTES);
    ByteBuffer bytes = ByteBuffer.allocate((int) (size - from));
    if (!bytes.hasRemaining()) {
      return "";
    }
    try (FileChannel channel = FileChannel.open(file, READ)) {
      channel.read(bytes, from);
    } catch (IOException e) {
      return "";
    }
    return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
  }

  private long size() {
    try {
      return Files.exists(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      return 0;
    }
  }
}
