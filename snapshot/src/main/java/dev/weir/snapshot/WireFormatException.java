// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Bytes that are not what they should be: damaged, of an unknown format version, or too many.
///
/// Asking again for the same bytes does not help; asking another (or a newer) program may.
public final class WireFormatException extends IOException {
  public WireFormatException(String message) {
    super(message);
  }

  public WireFormatException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
