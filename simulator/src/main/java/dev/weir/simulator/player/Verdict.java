// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

/// How one answer is judged.
sealed interface Verdict {
  /// Right in every respect.
  record Ok() implements Verdict {}

  /// The client saw a failure: an error status, an error event, a cut or a timeout.
  ///
  /// @param reason from a small set of words, so that it can be counted
  record Failed(String reason) implements Verdict {}

  /// The client was told that all is well, and it is not: wrong, empty or truncated.
  ///
  /// @param reason from a small set of words
  record Harmed(String reason) implements Verdict {}

  static Verdict failed(String reason) {
    return new Failed(reason);
  }

  static Verdict harmed(String reason) {
    return new Harmed(reason);
  }
}
