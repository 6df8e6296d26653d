// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// A file of lines that is appended to until it has a size: then it becomes `NAME.1`, in place of
/// the one before, and a new one begins, at the end of a line. Used by one thread.
final class RotatedFile extends OutputStream {
  private final Path file;
  private final long mostBytes;
  private OutputStream out;
  private long size;

  /// @throws IOException if it cannot be opened
  RotatedFile(Path file, long mostBytes) throws IOException {
    this.file = file;
    this.mostBytes = mostBytes;
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
    int whole = size + length > mostBytes ? wholeLines(bytes, from, length) : 0;
    if (whole > 0) {
      out.write(bytes, from, whole);
      turn();
    }
    out.write(bytes, from + whole, length - whole);
    size += length - whole;
  }

  /// Bytes up to the end of the last line that ends.
  private static int wholeLines(byte[] bytes, int from, int length) {
    int whole = length;
    while (whole > 0 && bytes[from + whole - 1] != '\n') {
      whole--;
    }
    return whole;
  }

  private void turn() throws IOException {
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
