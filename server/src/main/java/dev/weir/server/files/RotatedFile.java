// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// A log file of lines with a maximum size. When it is full it replaces `NAME.1`, and a new file
/// starts at a line boundary. Not thread-safe.
public final class RotatedFile extends OutputStream {
  private final Path file;
  private final long maxBytes;
  private OutputStream out;
  private long size;

  /// @throws IOException if it cannot be opened
  public RotatedFile(Path file, long maxBytes) throws IOException {
    this.file = file;
    this.maxBytes = maxBytes;
    out = open();
  }

  private OutputStream open() throws IOException {
    OutputStream opened =
        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    size = Files.size(file);
    return opened;
  }

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    int complete = size + length > maxBytes ? completeLines(bytes, from, length) : 0;
    if (complete > 0) {
      out.write(bytes, from, complete);
      rotate();
    }
    out.write(bytes, from + complete, length - complete);
    size += length - complete;
  }

  /// The number of bytes up to the end of the last complete line.
  private static int completeLines(byte[] bytes, int from, int length) {
    int complete = length;
    while (complete > 0 && bytes[from + complete - 1] != '\n') {
      complete--;
    }
    return complete;
  }

  private void rotate() throws IOException {
    out.close();
    Path old = file.resolveSibling(file.getFileName() + ".1");
    Files.move(file, old, StandardCopyOption.REPLACE_EXISTING);
    out = open();
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
