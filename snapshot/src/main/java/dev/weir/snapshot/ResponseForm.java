// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

/// What a client asked for, as far as metrics of a release leave requests out by it.
public enum ResponseForm {
  /// It is not reported.
  UNKNOWN,
  /// A stream of events.
  STREAM,
  /// A text in one piece.
  WHOLE,
  /// Something in one piece that is no text: embeddings, audio, ranks.
  OTHER;

  /// Whether the answer comes in one piece.
  public boolean inOnePiece() {
    return this == WHOLE || this == OTHER;
  }
}
