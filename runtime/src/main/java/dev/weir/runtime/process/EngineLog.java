// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.weir.runtime.OneLine;
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

/// An engine's output: it appends to a file by itself, so it neither blocks nor dies with Weir.
final class EngineLog {
  private static final Logger LOG = LoggerFactory.getLogger(EngineLog.class);
  private static final int TAIL_BYTES = 4 << 10;
  private static final int TAIL_LINES = 3;
  private static final int MAX_LINE = 300;
  private static final int MAX_PROGRESS = 120;

  private final Path file;
  private final long maxBytes;

  /// Where the current launch's output begins.
  private long begin;

  EngineLog(Path file, long maxBytes) {
    this.file = file;
    this.maxBytes = maxBytes;
  }

  Path file() {
    return file;
  }

  /// What comes from here on belongs to a new launch, and a line in the log says so: it is how
  /// readers tell launches apart. A log that cannot be written to keeps nobody from starting.
  void mark(String launch, Instant at) {
    try {
      String open = tail().isEmpty() || tail().endsWith("\n") ? "" : "\n";
      Files.writeString(file, open + LogReader.mark(launch, at), CREATE, APPEND);
    } catch (IOException e) {
      LOG.warn("log not marked file={} error={}", file, e.toString());
    }
    begin = size();
  }

  /// Copies the log to `log.1` and truncates it when it has grown over the bound; what is written
  /// between the two is lost. The engine goes on at the new end, because it appends.
  void rotate() {
    if (size() <= maxBytes) {
      return;
    }
    Path older = file.resolveSibling(file.getFileName() + ".1");
    try (FileChannel from = FileChannel.open(file, READ, WRITE)) {
      keep(from, older);
      from.truncate(0);
      begin = 0;
    } catch (IOException e) {
      LOG.warn("log not rotated file={} error={}", file, e.toString());
    }
  }

  /// A full disk must not keep the log from being truncated: that is what frees it.
  private void keep(FileChannel from, Path older) {
    try (FileChannel to = FileChannel.open(older, CREATE, WRITE, TRUNCATE_EXISTING)) {
      long end = from.size();
      long start = Math.max(0, end - maxBytes); // a burst may have gone far over the bound
      long copied = 1;
      while (start < end && copied > 0) { // 0: somebody else cut it off meanwhile
        copied = from.transferTo(start, end - start, to);
        start += copied;
      }
    } catch (IOException e) {
      LOG.warn("older part of the log lost file={} error={}", older, e.toString());
    }
  }

  /// The current launch's last line, shortened; empty when it said nothing.
  String lastLine() {
    List<String> lines = lines();
    return lines.isEmpty() ? "" : OneLine.of(lines.getLast(), MAX_PROGRESS);
  }

  /// The current launch's last lines on one line, shortened; empty when it said nothing.
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
