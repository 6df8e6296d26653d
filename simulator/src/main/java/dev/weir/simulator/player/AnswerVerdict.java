// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

/// How one answer is judged.
sealed interface AnswerVerdict {
  /// Right in every respect.
  record Ok() implements AnswerVerdict {}

  /// The client saw a failure: an error status, an error event, a cut or a timeout.
  ///
  /// @param reason from a small set of words, so that it can be counted
  record Failed(String reason) implements AnswerVerdict {}

  /// The client was told that all is well, and it is not: wrong, empty or truncated.
  ///
  /// @param reason from a small set of words
  record Harmed(String reason) implements AnswerVerdict {}

  static AnswerVerdict failed(String reason) {
    return new Failed(reason);
  }

  static AnswerVerdict harmed(String reason) {
    return new Harmed(reason);
  }
}
