// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.session.CliException;
import dev.weir.model.codec.Json;
import dev.weir.model.view.AuditEntry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// An exported audit log: one JSON entry per line.
final class AuditFile implements Iterator<AuditEntry>, AutoCloseable {
  private final Path file;
  private final BufferedReader lines;
  private @Nullable String next;
  private long line;

  private AuditFile(Path file, BufferedReader lines) {
    this.file = file;
    this.lines = lines;
    advance();
  }

  static AuditFile open(Path file) throws IOException {
    return new AuditFile(file, Files.newBufferedReader(file));
  }

  /// The last entry's number; 0 for an empty file.
  static long last(Path file) throws IOException {
    try (AuditFile entries = open(file)) {
      long last = 0;
      while (entries.hasNext()) {
        last = entries.next().sequence();
      }
      return last;
    }
  }

  private void advance() {
    try {
      next = lines.readLine();
      line++;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  /// @throws CliException naming the line when it is not an audit entry
  @Override
  public AuditEntry next() {
    String text = next;
    if (text == null) {
      throw new NoSuchElementException("no line after " + line);
    }
    long at = line;
    advance();
    try {
      return Json.read(text, AuditEntry.class);
    } catch (RuntimeException unreadable) {
      throw CliException.error(
          "line %d of %s is not an audit entry: the export is truncated or was changed there"
              .formatted(at, file));
    }
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
