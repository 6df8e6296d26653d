// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.snapshot;

import dev.weir.snapshot.StoreHead;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The followed store and the witnessed audit head as a file: one line `weir-store 1 <identity>
/// <number of the audit entry> <its hash>`. See [DurableFile].
public final class StoreFile {
  private static final Logger LOG = LoggerFactory.getLogger(StoreFile.class);
  private static final Pattern LINE =
      Pattern.compile("weir-store 1 ([0-9a-f]{32}) ([0-9]{1,18}) ([0-9a-f]{64})");
  private static final int MAX_BYTES = 256;

  private final Path file;

  public StoreFile(Path file) {
    this.file = file.toAbsolutePath();
  }

  /// Reads the file. Unknown if it is missing or unusable: then the snapshot on disk determines the
  /// followed store.
  public StoreHead read() {
    try {
      if (Files.size(file) > MAX_BYTES) {
        return unusable("it is too large");
      }
      Matcher line = LINE.matcher(Files.readString(file, StandardCharsets.ISO_8859_1).strip());
      return line.matches()
          ? new StoreHead(line.group(1), Long.parseLong(line.group(2)), line.group(3))
          : unusable("its line is not that of a followed store");
    } catch (NoSuchFileException e) {
      return StoreHead.UNKNOWN;
    } catch (IOException e) {
      return unusable(e.toString());
    }
  }

  private StoreHead unusable(String why) {
    LOG.atError()
        .addKeyValue("event", "store.file.unusable")
        .addKeyValue("file", file)
        .addKeyValue("reason", why)
        .log("The file of the followed store is unusable and is ignored");
    return StoreHead.UNKNOWN;
  }

  /// Writes the file, or deletes it if no store is followed.
  public void write(StoreHead followed) throws IOException {
    if (!followed.hasId()) {
      Files.deleteIfExists(file);
      return;
    }
    String line =
        "weir-store 1 %s %d %s\n"
            .formatted(followed.id(), followed.auditSequence(), followed.auditHead());
    DurableFile.replace(file, List.of(line.getBytes(StandardCharsets.US_ASCII)));
  }
}
