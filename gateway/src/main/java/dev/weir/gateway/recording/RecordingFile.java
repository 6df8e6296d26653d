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

/// The newest recordings of one service in a file: they are appended, old ones fall out, and when
/// half of the file is what fell out it is written anew beside itself and renamed into place.
///
/// Each stands in a frame with a mark, its length and a checksum. A crash in the middle of a write
/// leaves a frame with a wrong checksum, which is skipped when the file is opened again. Readable
/// by its owner only. One thread uses it.
final class RecordingFile implements AutoCloseable {
  /// Of one sealed recording.
  static final int MAX_SEALED = 256 * 1024;

  private static final int MARK = 0x57524543;
  private static final int HEAD = 3 * Integer.BYTES;
  private static final int FIXED = Long.BYTES + Integer.BYTES;

  /// Files smaller than this are not worth writing anew.
  private static final long SLACK = 1024 * 1024;

  private static final long EXPIRED_STAY_MILLIS = 3_600_000;
  private static final long NONE_EXPIRED = Long.MAX_VALUE;

  private final Path file;
  private final long maxBytes;
  private final Deque<Kept> kept = new ArrayDeque<>();
  private FileChannel channel;
  private long end;
  private long live;
  private long numbers;
  private long damaged;

  /// When the first fell out for its age that is still on the disk.
  private long expiredAtMillis = NONE_EXPIRED;

  /// Where a recording stands.
  ///
  /// @param number its own for as long as the ring is open, wherever it is moved
  /// @param sealed bytes of it
  /// @param keyId of the key that it was sealed with
  record Kept(long number, long offset, int sealed, long atMillis, int keyId) {
    private long frame() {
      return HEAD + FIXED + (long) sealed;
    }
  }

  /// Opens the file, or begins it.
  ///
  /// @param maxBytes of all recordings together
  RecordingFile(Path file, long maxBytes) throws IOException {
    this.file = file;
    this.maxBytes = maxBytes;
    Files.deleteIfExists(fresh());
    channel = open(file, StandardOpenOption.CREATE);
    try {
      scan();
      channel.truncate(end);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private Path fresh() {
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

  /// Stretches of the file that were no recordings when it was opened.
  long damaged() {
    return damaged;
  }

  // --- reading

  private void scan() throws IOException {
    long size = channel.size();
    long at = 0;
    boolean lost = false;
    while (at + HEAD + FIXED <= size) {
      Kept found = frame(at, size);
      if (found == null) {
        damaged += lost ? 0 : 1;
        lost = true;
        at = nextMark(at + 1, size);
      } else {
        lost = false;
        kept.addLast(found);
        live += found.frame();
        at += found.frame();
        end = at;
      }
    }
    damaged += !lost && at < size ? 1 : 0;
  }

  /// The frame at that place, or null when there is no whole one.
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

  /// Where the mark of a frame stands next, or the end.
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

  /// Lets fall out what is too much or too old. What is too old is read no more from now on, and
  /// leaves the disk within an hour.
  ///
  /// @param most that may be kept
  /// @param maxAgeMillis of the oldest that may be kept
  void trim(int most, long maxAgeMillis, long nowMillis) throws IOException {
    long notBefore = nowMillis - maxAgeMillis;
    while (!kept.isEmpty() && tooMuch(kept.getFirst(), most, notBefore)) {
      Kept gone = kept.removeFirst();
      live -= gone.frame();
      boolean tooOld = gone.atMillis() < notBefore;
      expiredAtMillis = tooOld ? Math.min(expiredAtMillis, nowMillis) : expiredAtMillis;
    }
    if (end > 2 * live + SLACK || nowMillis >= leaveAtMillis()) {
      rewrite();
    }
  }

  private long leaveAtMillis() {
    return expiredAtMillis == NONE_EXPIRED ? NONE_EXPIRED : expiredAtMillis + EXPIRED_STAY_MILLIS;
  }

  private boolean tooMuch(Kept oldest, int most, long notBeforeMillis) {
    return kept.size() > most || live > maxBytes || oldest.atMillis() < notBeforeMillis;
  }

  private void rewrite() throws IOException {
    Files.deleteIfExists(fresh());
    FileChannel next = open(fresh(), StandardOpenOption.CREATE_NEW);
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
          fresh(), file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
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
