// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import dev.weir.simulator.answer.TokenPiece;
import dev.weir.simulator.serving.ChunkWriter.ChoiceAnswer;
import dev.weir.simulator.serving.ChunkWriter.Usage;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Writes one answer in the format of its endpoint, streamed or complete.
interface AnswerWriter {
  /// The events before the first piece of a choice.
  String opening(int choice, GenerationRequest.Prompt prompt, Optional<Usage> usage);

  /// The event for one piece.
  String chunk(int choice, TokenPiece piece, Optional<Usage> usage);

  /// The events at the end of a stream.
  String closing(Optional<Usage> usage);

  /// The body of an answer that is not streamed.
  ObjectNode whole(List<ChoiceAnswer> choices, Usage usage);

  /// The text of a piece as JSON. Words need no escaping; text that a stop string cut or that
  /// contains quotes does.
  static String quoted(TokenPiece piece) {
    boolean plain = piece.stoppedBy().isEmpty() && piece.text().indexOf('"') < 0;
    return plain ? '"' + piece.text() + '"' : SimJson.quote(piece.text());
  }
}
