// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

/// What a client asked for. It is known when the request arrives and does not depend on the version
/// that answers, so a metric may leave out requests by it without a bias.
public enum AnswerForm {
  /// The gateway does not report it (one of the version before). The request is treated as a
  /// stream, as all requests were then, except by [ReleaseMetric#EMPTY], which has no data of it.
  UNKNOWN,
  /// A stream of events.
  STREAM,
  /// A text in one piece.
  WHOLE,
  /// Something in one piece that is no text: embeddings, audio, ranks.
  OTHER;

  /// Whether the answer comes in one piece: it has no first token, and whatever goes wrong with it
  /// is an error.
  public boolean inOnePiece() {
    return this == WHOLE || this == OTHER;
  }
}
