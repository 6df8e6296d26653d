// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.answer;

import java.util.Optional;

/// The contribution of one generated token to an answer.
///
/// @param tokenId the token, or [#NO_TOKEN]
/// @param text the released text; empty for the end-of-answer token, and while text that may become
///   a stop string is held back
/// @param finish whether and why the answer ends with this token
/// @param stoppedBy the stop string that ended it
public record TokenPiece(int tokenId, String text, Finish finish, Optional<String> stoppedBy) {
  /// Placeholder for a piece without a generated token.
  public static final int NO_TOKEN = -1;

  /// Why an answer ended, by the names of the OpenAI API.
  public enum Finish {
    NOT_YET,
    STOP,
    LENGTH;

    /// The `finish_reason` on the wire.
    public String reason() {
      return switch (this) {
        case NOT_YET -> "";
        case STOP -> "stop";
        case LENGTH -> "length";
      };
    }
  }

  /// Whether this is the last piece.
  public boolean last() {
    return finish != Finish.NOT_YET;
  }
}
