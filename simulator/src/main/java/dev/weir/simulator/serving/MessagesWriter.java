// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import dev.weir.simulator.answer.TokenPiece;
import dev.weir.simulator.serving.ChunkWriter.ChoiceAnswer;
import dev.weir.simulator.serving.ChunkWriter.Usage;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Writes the bodies of one answer in Anthropic's format, like vLLM's `/v1/messages`.
final class MessagesWriter implements AnswerWriter {
  private static final String LENGTH = TokenPiece.Finish.LENGTH.reason();

  private final GenerationRequest request;
  private final ServedModel model;
  private String finishReason = TokenPiece.Finish.STOP.reason();
  private Optional<String> stoppedBy = Optional.empty();

  MessagesWriter(GenerationRequest request, ServedModel model) {
    this.request = request;
    this.model = model;
  }

  @Override
  public String opening(int choice, GenerationRequest.Prompt prompt, Optional<Usage> usage) {
    ObjectNode start = SimJson.object().put("type", "message_start");
    ObjectNode message = message(new Usage(prompt.tokens().size(), 0));
    message.putNull("stop_reason").putNull("stop_sequence");
    start.set("message", message);
    ObjectNode block = SimJson.object().put("type", "content_block_start").put("index", 0);
    block.putObject("content_block").put("type", "text").put("text", "");
    return event(start) + event(block);
  }

  private ObjectNode message(Usage usage) {
    ObjectNode message =
        SimJson.object()
            .put("id", request.id())
            .put("type", "message")
            .put("role", "assistant")
            .put("model", model.name());
    message.putArray("content");
    message.set("usage", counts(usage));
    return message;
  }

  private static ObjectNode counts(Usage usage) {
    return SimJson.object()
        .put("input_tokens", usage.promptTokens())
        .put("output_tokens", usage.completionTokens());
  }

  private static String event(ObjectNode data) {
    return "event: " + data.get("type").stringValue() + "\ndata: " + data + "\n\n";
  }

  @Override
  public String chunk(int choice, TokenPiece piece, Optional<Usage> usage) {
    if (piece.last()) {
      finishReason = piece.finish().reason();
      stoppedBy = piece.stoppedBy();
    }
    return piece.text().isEmpty()
        ? ""
        : "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
            + "\"delta\":{\"type\":\"text_delta\",\"text\":"
            + AnswerWriter.quoted(piece)
            + "}}\n\n";
  }

  @Override
  public String closing(Optional<Usage> usage) {
    ObjectNode end = SimJson.object().put("type", "message_delta");
    ending(end.putObject("delta"), finishReason, stoppedBy);
    usage.ifPresent(total -> end.set("usage", counts(total)));
    return event(SimJson.object().put("type", "content_block_stop").put("index", 0))
        + event(end)
        + event(SimJson.object().put("type", "message_stop"));
  }

  private static void ending(ObjectNode to, String reason, Optional<String> stop) {
    String natural = stop.isPresent() ? "stop_sequence" : "end_turn";
    to.put("stop_reason", reason.equals(LENGTH) ? "max_tokens" : natural);
    stop.ifPresentOrElse(text -> to.put("stop_sequence", text), () -> to.putNull("stop_sequence"));
  }

  @Override
  public ObjectNode whole(List<ChoiceAnswer> choices, Usage usage) {
    ChoiceAnswer answer = choices.getFirst();
    ObjectNode message = message(usage);
    message.putArray("content").addObject().put("type", "text").put("text", answer.text());
    ending(message, answer.finishReason(), answer.stoppedBy());
    return message;
  }
}
