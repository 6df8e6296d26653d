// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The bytes are invalid: corrupt, of an unknown format version, or too many.
///
/// A retry with the same bytes cannot succeed; another or newer version of the program may be able
/// to read them.
public final class WireFormatException extends IOException {
  public WireFormatException(String message) {
    super(message);
  }

  public WireFormatException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
