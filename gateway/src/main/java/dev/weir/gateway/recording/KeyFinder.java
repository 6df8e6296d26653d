// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.recording;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;

/// Reads keys from their references.
final class KeyFinder {
  private static final String VARIABLE = "env:";
  private static final String FILE = "file:";
  private static final int MAX_BYTES = 4_096;

  private final Map<String, String> environment;
  private final SecureRandom random;

  /// The result of reading a key.
  sealed interface Found {
    record Usable(RecordingKey key) implements Found {}

    /// @param why the reason, without any of the content
    record Unusable(String why) implements Found {}
  }

  KeyFinder(Map<String, String> environment, SecureRandom random) {
    this.environment = Map.copyOf(environment);
    this.random = random;
  }

  /// @param reference `env:NAME` or `file:PATH`
  Found find(String reference) {
    try {
      String text =
          reference.startsWith(FILE)
              ? file(reference.substring(FILE.length()))
              : environment.getOrDefault(reference.substring(VARIABLE.length()), "");
      if (text.isBlank()) {
        return new Found.Unusable("no key found at " + reference);
      }
      return RecordingKey.of(text, random)
          .<Found>map(Found.Usable::new)
          .orElseGet(
              () -> new Found.Unusable("the key at " + reference + " is not 32 bytes in base64"));
    } catch (IOException | RuntimeException e) {
      return new Found.Unusable(reference + " cannot be read: " + e.getClass().getSimpleName());
    }
  }

  private static String file(String path) throws IOException {
    try (InputStream in = Files.newInputStream(Path.of(path))) {
      return new String(in.readNBytes(MAX_BYTES), StandardCharsets.US_ASCII);
    }
  }
}
