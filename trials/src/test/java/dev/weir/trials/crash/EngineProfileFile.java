// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.crash;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file without which a simulated engine does not start.
public record EngineProfileFile(Path file) {
  public String name() {
    return file.toString();
  }

  public void write() {
    try {
      Files.writeString(
          file,
          """
          {"decodeBaseMillis": 5, "decodeMillisPerSeq": 0.1, "decodeMillisPer1kKvTokens": 0.1,
           "prefillBaseMillis": 5, "prefillMillisPer1kTokens": 10,
           "prefillMillisPer1kTokensSquared": 0.1, "kvBlocks": 4096}
          """);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void remove() {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
