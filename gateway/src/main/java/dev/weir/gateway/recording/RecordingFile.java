// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.recording;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The newest recordings of one service in a file. Recordings are appended and old ones expire;
/// when half of the file has expired, it is rewritten next to the old one and renamed.
///
/// Each recording is stored in a frame with a mark, its length and a checksum. A crash during a
/// write leaves a frame with a wrong checksum, which is skipped when the file is opened again.
/// Readable by its owner only. Used by one thread.
final class RecordingFile implements AutoCloseable {
  /// Maximum size of one sealed recording.
  static final int MAX_SEALED = 256 * 1024;

  private static final int MARK = 0x57524543;
  private static final int HEAD = 3 * Integer.BYTES;
  private static final int FIXED = Long.BYTES + Integer.BYTES;

  /// Smaller files are not rewritten.
  private static final long SLACK = 1024 * 1024;

  private static final long EXPIRED_RETENTION_MILLIS = 3_600_000;
  private static final long NONE_EXPIRED = Long.MAX_VALUE;

  private final Path file;
  private final long maxBytes;
  private final Deque<Kept> kept = new ArrayDeque<>();
  private FileChannel channel;
  private long end;
  private long live;
  private long numbers;
  private long damaged;

  /// When the first recording expired that is still on disk.
  private long expiredAtMillis = NONE_EXPIRED;

  /// The position of a recording.
  ///
  /// @param number unique while the file is open, even after a rewrite
  /// @param sealed its length in bytes
  /// @param keyId of the key that sealed it
  record Kept(long number, long offset, int sealed, long atMillis, int keyId) {
    private long frame() {
      return HEAD + FIXED + (long) sealed;
    }
  }

  /// Opens or creates the file.
  ///
  /// @param maxBytes of all recordings together
  RecordingFile(Path file, long maxBytes) throws IOException {
    this.file = file;
    this.maxBytes = maxBytes;
    Files.deleteIfExists(replacement());
    channel = open(file, StandardOpenOption.CREATE);
    try {
      scan();
      channel.truncate(end);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private Path replacement() {
    return file.resolveSibling(file.getFileName() + ".new");
  }

  private static FileChannel open(Path file, StandardOpenOption how) throws IOException {
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] ownerOnly =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    return FileChannel.open(
        file, Set.of(how, StandardOpenOption.READ, StandardOpenOption.WRITE), ownerOnly);
  }

  /// Oldest first.
  List<Kept> kept() {
    return new ArrayList<>(kept);
  }

  int size() {
    return kept.size();
  }

  /// Number of damaged sections found when the file was opened.
  long damaged() {
    return damaged;
  }

  // --- reading

  private void scan() throws IOException {
    long size = channel.size();
    long at = 0;
    boolean inDamage = false;
    while (at + HEAD + FIXED <= size) {
      Kept found = frame(at, size);
      if (found == null) {
        damaged += inDamage ? 0 : 1;
        inDamage = true;
        at = nextMark(at + 1, size);
      } else {
        inDamage = false;
        kept.addLast(found);
        live += found.frame();
        at += found.frame();
        end = at;
      }
    }
    damaged += !inDamage && at < size ? 1 : 0;
  }

  /// The frame at an offset, or null if there is no complete one.
  private @Nullable Kept frame(long at, long size) throws IOException {
    ByteBuffer head = read(at, HEAD + FIXED);
    int mark = head.getInt();
    int length = head.getInt();
    int checksum = head.getInt();
    long atMillis = head.getLong();
    int keyId = head.getInt();
    int sealed = length - FIXED;
    if (mark != MARK || sealed < 0 || sealed > MAX_SEALED || at + HEAD + length > size) {
      return null;
    }
    CRC32C sum = new CRC32C();
    sum.update(read(at + HEAD, length));
    return (int) sum.getValue() == checksum
        ? new Kept(numbers++, at + HEAD + FIXED, sealed, atMillis, keyId)
        : null;
  }

  /// Offset of the next frame mark, or the end.
  private long nextMark(long from, long size) throws IOException {
    long at = from;
    while (at + HEAD + FIXED <= size) {
      ByteBuffer window = read(at, (int) Math.min(64 * 1024, size - at));
      for (int i = 0; i + Integer.BYTES <= window.limit(); i++) {
        if (window.getInt(i) == MARK) {
          return at + i;
        }
      }
      at += Math.max(1, window.limit() - Integer.BYTES + 1);
    }
    return size;
  }

  private ByteBuffer read(long at, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, at + bytes.position()) < 0) {
        throw new EOFException(file + " ends before " + (at + count));
      }
    }
    return bytes.flip();
  }

  byte[] read(Kept recording) throws IOException {
    return read(recording.offset(), recording.sealed()).array();
  }

  // --- writing

  void add(long atMillis, int keyId, byte[] sealed) throws IOException {
    ByteBuffer frame = frame(atMillis, keyId, sealed);
    Kept added = new Kept(numbers++, end + HEAD + FIXED, sealed.length, atMillis, keyId);
    try {
      write(channel, frame, end);
    } catch (IOException e) {
      channel.truncate(end);
      throw e;
    }
    end += added.frame();
    live += added.frame();
    kept.addLast(added);
  }

  private static ByteBuffer frame(long atMillis, int keyId, byte[] sealed) {
    if (sealed.length > MAX_SEALED) {
      throw new IllegalArgumentException("a recording of " + sealed.length + " bytes");
    }
    int length = FIXED + sealed.length;
    ByteBuffer frame = ByteBuffer.allocate(HEAD + length);
    frame.putInt(MARK).putInt(length).putInt(0);
    frame.putLong(atMillis).putInt(keyId).put(sealed);
    CRC32C sum = new CRC32C();
    sum.update(frame.array(), HEAD, length);
    return frame.putInt(2 * Integer.BYTES, (int) sum.getValue()).rewind();
  }

  private static void write(FileChannel to, ByteBuffer bytes, long at) throws IOException {
    while (bytes.hasRemaining()) {
      to.write(bytes, at + bytes.position());
    }
  }

  /// Removes recordings that exceed the limits. Expired ones are no longer read, and leave the disk
  /// within an hour.
  ///
  /// @param most maximum number of recordings
  /// @param maxAgeMillis maximum age of a recording
  void trim(int most, long maxAgeMillis, long nowMillis) throws IOException {
    long notBefore = nowMillis - maxAgeMillis;
    while (!kept.isEmpty() && exceedsLimits(kept.getFirst(), most, notBefore)) {
      Kept removed = kept.removeFirst();
      live -= removed.frame();
      boolean tooOld = removed.atMillis() < notBefore;
      expiredAtMillis = tooOld ? Math.min(expiredAtMillis, nowMillis) : expiredAtMillis;
    }
    if (end > 2 * live + SLACK || nowMillis >= rewriteAtMillis()) {
      rewrite();
    }
  }

  private long rewriteAtMillis() {
    return expiredAtMillis == NONE_EXPIRED
        ? NONE_EXPIRED
        : expiredAtMillis + EXPIRED_RETENTION_MILLIS;
  }

  private boolean exceedsLimits(Kept oldest, int most, long notBeforeMillis) {
    return kept.size() > most || live > maxBytes || oldest.atMillis() < notBeforeMillis;
  }

  private void rewrite() throws IOException {
    Files.deleteIfExists(replacement());
    FileChannel next = open(replacement(), StandardOpenOption.CREATE_NEW);
    Deque<Kept> moved = new ArrayDeque<>();
    long at = 0;
    try {
      for (Kept old : kept) {
        write(next, read(old.offset() - HEAD - FIXED, (int) old.frame()), at);
        moved.addLast(
            new Kept(old.number(), at + HEAD + FIXED, old.sealed(), old.atMillis(), old.keyId()));
        at += old.frame();
      }
      next.force(true);
      Files.move(
          replacement(), file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException | RuntimeException e) {
      next.close();
      throw e;
    }
    channel.close();
    channel = next;
    kept.clear();
    kept.addAll(moved);
    end = at;
    live = at;
    expiredAtMillis = NONE_EXPIRED;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
