// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.serving;

import dev.weir.simulator.answer.TokenPiece;
import dev.weir.simulator.serving.GenerationRequest.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes the bodies of one answer like vLLM: chunks of a stream and the complete object. Chunks
/// are built as text instead of a tree, because every token has one.
final class ChunkWriter implements AnswerWriter {
  private final GenerationRequest request;
  private final ServedModel model;
  private final long createdSeconds;
  private final String start;

  /// Prompt fields that the first chunk of a completion's choice must contain.
  private final Map<Integer, String> promptIds = new HashMap<>();

  ChunkWriter(GenerationRequest request, ServedModel model, long createdSeconds) {
    this.request = request;
    this.model = model;
    this.createdSeconds = createdSeconds;
    String object = chat() ? "chat.completion.chunk" : "text_completion";
    this.start =
        "data: {\"id\":"
            + SimJson.quote(request.id())
            + ",\"object\":\""
            + object
            + "\",\"created\":"
            + createdSeconds
            + ",\"model\":"
            + SimJson.quote(model.name())
            + ",\"choices\":[";
  }

  private boolean chat() {
    return request.kind() == Kind.CHAT;
  }

  /// The first chunk of a chat choice, with the role; for completions the echo, if any.
  @Override
  public String opening(int choice, GenerationRequest.Prompt prompt, Optional<Usage> usage) {
    StringBuilder out = new StringBuilder();
    String ids =
        request.returnTokenIds()
            ? ",\"prompt_token_ids\":" + prompt.tokens().toString().replace(" ", "")
            : "";
    if (!chat()) {
      promptIds.put(choice, ids);
    } else {
      out.append(start).append("{\"index\":").append(choice);
      out.append(
          ",\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,\"finish_reason\":null}]");
      end(out.append(ids), usage);
    }
    if (!prompt.echo().isEmpty()) {
      delta(choice, SimJson.quote(prompt.echo()), "null", "", out);
      end(out, usage);
    }
    return out.toString();
  }

  @Override
  public String chunk(int choice, TokenPiece piece, Optional<Usage> usage) {
    StringBuilder out = new StringBuilder(256);
    String id = piece.tokenId() == TokenPiece.NO_TOKEN ? "" : Integer.toString(piece.tokenId());
    String ids = request.returnTokenIds() ? ",\"token_ids\":[" + id + "]" : "";
    String reason = piece.last() ? "\"" + piece.finish().reason() + "\"" : "null";
    String stopped =
        piece.last()
            ? ",\"stop_reason\":" + piece.stoppedBy().map(SimJson::quote).orElse("null")
            : "";
    delta(choice, AnswerWriter.quoted(piece), reason, stopped + ids, out);
    end(out, usage);
    return out.toString();
  }

  private void delta(int choice, String json, String reason, String more, StringBuilder out) {
    out.append(start).append("{\"index\":").append(choice);
    if (chat()) {
      out.append(",\"delta\":{\"content\":").append(json).append('}');
    } else {
      out.append(",\"text\":").append(json);
    }
    out.append(",\"logprobs\":null,\"finish_reason\":").append(reason).append(more);
    String prompt = promptIds.remove(choice);
    out.append(prompt == null ? "" : prompt).append("}]");
  }

  private static void end(StringBuilder out, Optional<Usage> usage) {
    usage.ifPresent(now -> out.append(",\"usage\":").append(now.json()));
    out.append("}\n\n");
  }

  @Override
  public String closing(Optional<Usage> usage) {
    String last = usage.map(total -> start + "],\"usage\":" + total.json() + "}\n\n").orElse("");
    return last + "data: [DONE]\n\n";
  }

  @Override
  public ObjectNode whole(List<ChoiceAnswer> choices, Usage usage) {
    ObjectNode body =
        SimJson.object()
            .put("id", request.id())
            .put("object", chat() ? "chat.completion" : "text_completion")
            .put("created", createdSeconds)
            .put("model", model.name());
    ArrayNode list = body.putArray("choices");
    choices.forEach(choice -> list.add(chat() ? message(choice) : text(choice)));
    body.putNull("service_tier").putNull("system_fingerprint");
    body.set("usage", usage.json());
    if (request.returnTokenIds() && chat()) {
      body.set("prompt_token_ids", ids(request.prompts().getFirst().tokens().toArray()));
    }
    return body;
  }

  private ObjectNode message(ChoiceAnswer answer) {
    ObjectNode choice = SimJson.object().put("index", answer.index());
    ObjectNode message = choice.putObject("message");
    message.put("role", "assistant").put("content", answer.text()).putNull("refusal");
    message.putArray("tool_calls");
    return ending(choice, answer);
  }

  private ObjectNode text(ChoiceAnswer answer) {
    return ending(SimJson.object().put("index", answer.index()).put("text", answer.text()), answer);
  }

  private int[] prompt(ChoiceAnswer answer) {
    return request.prompts().get(answer.index() / request.choices()).tokens().toArray();
  }

  private ObjectNode ending(ObjectNode choice, ChoiceAnswer answer) {
    choice.putNull("logprobs").put("finish_reason", answer.finishReason());
    answer
        .stoppedBy()
        .ifPresentOrElse(
            stop -> choice.put("stop_reason", stop), () -> choice.putNull("stop_reason"));
    if (request.returnTokenIds() && !chat()) {
      choice.set("prompt_token_ids", ids(prompt(answer)));
    }
    if (request.returnTokenIds()) {
      choice.set("token_ids", ids(answer.tokenIds().stream().mapToInt(id -> id).toArray()));
    }
    return choice;
  }

  private static ArrayNode ids(int[] ids) {
    ArrayNode out = SimJson.MAPPER.createArrayNode();
    for (int id : ids) {
      out.add(id);
    }
    return out;
  }

  /// A finished choice.
  ///
  /// @param index of the choice
  /// @param text the complete text, including the echo
  /// @param finishReason as sent to the client
  /// @param stoppedBy the stop string, if one ended it
  /// @param tokenIds the generated tokens
  record ChoiceAnswer(
      int index,
      String text,
      String finishReason,
      Optional<String> stoppedBy,
      List<Integer> tokenIds) {
    ChoiceAnswer {
      tokenIds = List.copyOf(tokenIds);
    }
  }

  /// Token counts.
  ///
  /// @param promptTokens sum over all prompts
  /// @param completionTokens sum over all choices
  record Usage(int promptTokens, int completionTokens) {
    ObjectNode json() {
      return SimJson.object()
          .put("prompt_tokens", promptTokens)
          .put("total_tokens", promptTokens + completionTokens)
          .put("completion_tokens", completionTokens);
    }
  }
}
