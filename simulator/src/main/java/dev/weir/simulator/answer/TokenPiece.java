// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.answer;

import java.util.Optional;

/// What one generated token adds to an answer.
///
/// @param tokenId the token, or [#NO_TOKEN]
/// @param text text that may be shown now; empty for the end-of-answer token, or while text that
///   might become a stop string is held back
/// @param finish whether and why the answer ends with this token
/// @param stoppedBy the stop string that ended it
public record TokenPiece(int tokenId, String text, Finish finish, Optional<String> stoppedBy) {
  /// Stands in the place of a token where none was generated.
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
