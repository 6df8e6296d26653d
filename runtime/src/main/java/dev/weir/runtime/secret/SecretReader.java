// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.secret;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;

/// Resolves references to secrets at each use, so that a file can be replaced. Messages never
/// contain a secret.
public final class SecretReader {
  private static final String ENV = "env:";
  private static final String FILE = "file:";
  private static final int MAX_BYTES = 64 << 10;

  private SecretReader() {}

  /// Whether the text is a reference: `env:NAME` or `file:PATH`.
  public static boolean isReference(String text) {
    return text.startsWith(ENV) || text.startsWith(FILE);
  }

  /// @param environment Weir's environment variables
  /// @throws IOException naming the reference, when the secret is not available
  public static String read(String reference, Map<String, String> environment) throws IOException {
    if (reference.startsWith(FILE)) {
      return file(reference);
    }
    String found = environment.get(reference.substring(ENV.length()));
    if (found == null) {
      throw new IOException(reference + " is not set in Weir's environment");
    }
    return found;
  }

  private static String file(String reference) throws IOException {
    try (InputStream in = Files.newInputStream(Path.of(reference.substring(FILE.length())))) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IOException("it is larger than " + MAX_BYTES + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8).stripTrailing();
    } catch (IOException | InvalidPathException e) {
      throw new IOException(reference + " is not readable (" + e.getMessage() + ")", e);
    }
  }
}
