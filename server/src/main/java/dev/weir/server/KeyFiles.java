// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;

/// The files of API keys that `weir up` and `weir control` refer to.
final class KeyFiles {
  private KeyFiles() {}

  /// The key in the file; empty if the file cannot be read.
  static Optional<String> key(Path file) {
    try {
      return Optional.of(Files.readString(file).strip());
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /// The line about the admin key in the output of a start.
  ///
  /// @param accepted whether the control plane accepts the key in a file
  static String line(Path adminKey, Predicate<Path> accepted) {
    return accepted.test(adminKey)
        ? "admin key " + adminKey
        : "admin key none (%s does not exist, or its key is revoked)".formatted(adminKey);
  }

  /// The key file for the CLI's context: the present one while its key is accepted, because an
  /// operator may have replaced the admin key; otherwise the admin key. Empty if neither key is
  /// accepted.
  static Optional<Path> forContext(
      Optional<Path> present, Path adminKey, Predicate<Path> accepted) {
    return present.filter(accepted).or(() -> Optional.of(adminKey).filter(accepted));
  }
}
