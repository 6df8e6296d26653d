// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import dev.weir.simulator.answer.TokenPiece;
import dev.weir.simulator.serving.ChunkWriter.ChoiceAnswer;
import dev.weir.simulator.serving.ChunkWriter.Usage;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Writes one answer in the shape of its endpoint, streamed or whole.
interface AnswerWriter {
  /// What stands before the first piece of a choice.
  String opening(int choice, GenerationRequest.Prompt prompt, Optional<Usage> usage);

  /// The event of one piece.
  String chunk(int choice, TokenPiece piece, Optional<Usage> usage);

  /// What a stream ends with.
  String closing(Optional<Usage> usage);

  /// The body of an answer that is not streamed.
  ObjectNode whole(List<ChoiceAnswer> choices, Usage usage);

  /// The text of a piece as JSON. Words need no quoting; what a stop string cut, or what has quotes
  /// of its own, does.
  static String quoted(TokenPiece piece) {
    boolean plain = piece.stoppedBy().isEmpty() && piece.text().indexOf('"') < 0;
    return plain ? '"' + piece.text() + '"' : SimJson.quote(piece.text());
  }
}
