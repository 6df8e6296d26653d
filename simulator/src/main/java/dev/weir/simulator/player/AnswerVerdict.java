// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

/// The verdict on one answer.
sealed interface AnswerVerdict {
  /// The answer is correct.
  record Ok() implements AnswerVerdict {}

  /// The client saw a failure: an error status, an error event, a cut or a timeout.
  ///
  /// @param reason one of a few fixed values, for counting
  record Failed(String reason) implements AnswerVerdict {}

  /// The answer looks successful but is wrong, empty or truncated.
  ///
  /// @param reason one of a few fixed values
  record Harmed(String reason) implements AnswerVerdict {}

  static AnswerVerdict failed(String reason) {
    return new Failed(reason);
  }

  static AnswerVerdict harmed(String reason) {
    return new Harmed(reason);
  }
}
