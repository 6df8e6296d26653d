// SPDX-License-Identifier: Apache-2.0
package dev.weir.store.sqlite;

import dev.weir.store.Observations;
import java.nio.charset.StandardCharsets;

/// Checks of limits, with errors that contain them.
final class StoreBounds {
  private StoreBounds() {}

  /// @throws IllegalArgumentException when key and value together exceed the limit in UTF-8
  static void requireSize(String what, String key, String value) {
    long bytes = (long) bytes(key) + bytes(value);
    if (bytes > Observations.MAX_BYTES) {
      throw new IllegalArgumentException(
          what.substring(0, Math.min(what.length(), 200))
              + " takes "
              + bytes
              + " bytes, the limit is "
              + Observations.MAX_BYTES);
    }
  }

  static int requireLimit(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("a limit is 1 or more: " + limit);
    }
    return limit;
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
