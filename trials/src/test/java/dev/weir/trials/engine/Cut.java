// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.engine;

import java.util.Locale;

/// Where and how one stream ends too early.
///
/// @param mark a text in the request, and in no other
/// @param events so many of the answer come through, none when only its head does
public record Cut(String mark, int events, Kind kind) {
  /// The kind of data instead of the next event.
  public enum Kind {
    FIN,
    RST,
    /// The beginning of the event, then FIN.
    HALF_AN_EVENT,
    /// Nothing, and nothing after it.
    STALL,
    /// Bytes that are no HTTP.
    GARBAGE,
    /// An event, framed well, of bytes that are no text.
    GARBAGE_EVENT,
    /// The reset that the kernel sends when the engine is killed with SIGKILL.
    KILL;

    public String title() {
      return this == KILL ? "kill -9" : name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }
}
