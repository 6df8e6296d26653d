// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import dev.weir.snapshot.ControlLink.Published;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.snapshot.WireFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The last valid snapshot as a file, so that a gateway can start while the control plane is down.
///
/// The file has one line `weir-snapshot 1 <hash of the published bytes> <hash of what follows>` and
/// the encoded snapshot. Two hashes are needed, because a snapshot from a newer control plane may
/// have had fields that this program does not store. The file is replaced atomically, is synced
/// before it is renamed, and is readable by its owner only (it lists API clients). Written by one
/// thread.
public final class DiskCopy {
  private static final Pattern HEAD =
      Pattern.compile("weir-snapshot 1 ([0-9a-f]{64}) ([0-9a-f]{64})");
  private static final int MAX_HEAD_BYTES = 256;

  private final Path file;

  /// @param file its folder is created if missing
  public DiskCopy(Path file) {
    this.file = file.toAbsolutePath();
  }

  public Path file() {
    return file;
  }

  /// The result of reading the file.
  public sealed interface Found {
    record Usable(Published published) implements Found {}

    record Absent() implements Found {}

    /// Cannot be used; moved aside for inspection if possible.
    record Damaged(String why, Optional<Path> keptAs) implements Found {}
  }

  public Found read() {
    try {
      long size = Files.size(file);
      if (size > SnapshotCodec.MAX_BYTES + (long) MAX_HEAD_BYTES) {
        return damaged("it has " + size + " bytes");
      }
      return new Found.Usable(parse(Files.readAllBytes(file)));
    } catch (NoSuchFileException e) {
      return new Found.Absent();
    } catch (WireFormatException e) {
      return damaged(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return new Found.Damaged("cannot be read: " + e, Optional.empty());
    }
  }

  private static Published parse(byte[] bytes) throws WireFormatException {
    int newline = 0;
    while (newline < bytes.length && newline < MAX_HEAD_BYTES && bytes[newline] != '\n') {
      newline++;
    }
    Matcher head = HEAD.matcher(new String(bytes, 0, newline, StandardCharsets.US_ASCII));
    if (!head.matches()) {
      throw new WireFormatException("its first line is not that of a snapshot");
    }
    byte[] encoded = Arrays.copyOfRange(bytes, Math.min(newline + 1, bytes.length), bytes.length);
    if (!SnapshotCodec.hash(encoded).equals(head.group(2))) {
      throw new WireFormatException("its content does not match the hash in its first line");
    }
    return new Published(SnapshotCodec.decode(encoded), head.group(1));
  }

  private Found damaged(String why) {
    Path aside = file.resolveSibling(file.getFileName() + ".damaged");
    try {
      Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
      return new Found.Damaged(why, Optional.of(aside));
    } catch (IOException e) {
      return new Found.Damaged(why + "; moving it aside failed: " + e, Optional.empty());
    }
  }

  /// Writes a snapshot durably: after this returns it survives a power failure.
  public void write(Published published) throws IOException {
    byte[] encoded = SnapshotCodec.encode(published.snapshot());
    String head =
        "weir-snapshot 1 %s %s\n".formatted(published.hash(), SnapshotCodec.hash(encoded));
    DurableFile.replace(file, List.of(head.getBytes(StandardCharsets.US_ASCII), encoded));
  }
}
