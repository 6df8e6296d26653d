// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

import dev.weir.simulator.answer.AnswerOracle.Expected;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Checks one answer from its bytes: status, well-formed JSON or events, a constant id, a valid
/// finish reason and `[DONE]`; with [AnswerCheck#SIMULATED] also usage and the exact text according
/// to [AnswerOracle].
///
/// Call in order: [#head], [#body] any number of times, then [#end] or [#broken]. Pure.
final class AnswerJudge {
  /// Maximum size of a body that is not streamed.
  private static final int BODY_MAX = 8 << 20;

  private static final JsonMapper JSON = JsonMapper.shared();

  /// Called for each piece of text as it arrives.
  @FunctionalInterface
  interface Heard {
    void content();
  }

  private final PlayerRequest playerRequest;
  private final AnswerCheck check;
  private final Heard listener;
  private final SseReader events = new SseReader(this::event);
  private final StringBuilder text = new StringBuilder();
  private final ByteBuf wholeBody = Unpooled.buffer(256, BODY_MAX);
  private String version = "";
  private int status;
  private boolean eventStream;
  private boolean done;
  private String id = "";
  private String finishReason = "";
  private Optional<JsonNode> usage = Optional.empty();
  private Optional<AnswerVerdict> fault = Optional.empty();

  AnswerJudge(PlayerRequest playerRequest, AnswerCheck check, Heard listener) {
    this.playerRequest = playerRequest;
    this.check = check;
    this.listener = listener;
  }

  /// @param modelVersion the version in the response, or empty
  void head(int statusCode, String contentType, String modelVersion) {
    status = statusCode;
    answeredBy(modelVersion);
    eventStream = contentType.startsWith("text/event-stream");
  }

  /// @param modelVersion the version whose text is expected
  void answeredBy(String modelVersion) {
    version = modelVersion;
  }

  void body(ByteBuf bytes) {
    if (eventStream && success()) {
      events.feed(bytes);
    } else if (wholeBody.readableBytes() + bytes.readableBytes() <= BODY_MAX) {
      wholeBody.writeBytes(bytes);
    } else {
      record(AnswerVerdict.failed("body too large"));
    }
  }

  private boolean success() {
    return status >= 200 && status < 300;
  }

  /// The connection broke or the request timed out before the end.
  AnswerVerdict broken(String reason) {
    return fault
        .filter(AnswerVerdict.Failed.class::isInstance)
        .orElse(AnswerVerdict.failed(reason));
  }

  /// The response is complete.
  AnswerVerdict end() {
    if (!success()) {
      return AnswerVerdict.failed("status " + status);
    }
    if (eventStream != playerRequest.planned().streamed()) {
      return AnswerVerdict.failed("wrong content type");
    }
    if (!eventStream) {
      object(wholeBody.toString(StandardCharsets.UTF_8));
    } else if (fault.isEmpty() && (!done || events.torn())) {
      return AnswerVerdict.failed("stream ended without [DONE]");
    }
    return fault.orElseGet(this::complete);
  }

  private AnswerVerdict complete() {
    return switch (check) {
      case SIMULATED -> compare();
      case WELL_FORMED ->
          finishReason.isEmpty()
              ? AnswerVerdict.harmed("no finish_reason")
              : new AnswerVerdict.Ok();
    };
  }

  private void record(AnswerVerdict what) {
    if (fault.isEmpty()) {
      fault = Optional.of(what);
    }
  }

  private void event(String data) {
    if (done) {
      record(AnswerVerdict.failed("event after [DONE]"));
    } else if (data.equals("[DONE]")) {
      done = true;
    } else {
      object(data);
    }
  }

  private void object(String json) {
    try {
      JsonNode body = JSON.readTree(json);
      if (body.has("error")) {
        record(AnswerVerdict.failed("error event"));
        return;
      }
      sameId(body.path("id").asString(""));
      if (body.path("usage").isObject()) {
        usage = Optional.of(body.path("usage"));
      }
      body.path("choices").forEach(this::choice);
    } catch (JacksonException malformed) {
      record(AnswerVerdict.failed("malformed JSON"));
    }
  }

  private void sameId(String next) {
    if (next.isEmpty() || (!id.isEmpty() && !id.equals(next))) {
      record(AnswerVerdict.harmed("id changed or missing"));
    }
    id = next;
  }

  private void choice(JsonNode choice) {
    if (choice.path("index").asInt(0) != 0) {
      record(AnswerVerdict.harmed("unasked choice"));
    }
    String piece = piece(choice);
    if (!piece.isEmpty()) {
      text.append(piece);
      listener.content();
    }
    String reason = choice.path("finish_reason").asString("");
    if (!reason.isEmpty()) {
      if (!finishReason.isEmpty()) {
        record(AnswerVerdict.harmed("finished twice"));
      }
      finishReason = reason;
    } else if (!finishReason.isEmpty() && !piece.isEmpty()) {
      record(AnswerVerdict.harmed("text after the finish"));
    }
  }

  private String piece(JsonNode choice) {
    if (!playerRequest.planned().chat()) {
      return choice.path("text").asString("");
    }
    return choice.path(eventStream ? "delta" : "message").path("content").asString("");
  }

  private AnswerVerdict compare() {
    Expected expected = playerRequest.expected(version);
    if (text.isEmpty() && !expected.text().isEmpty()) {
      return AnswerVerdict.harmed("empty answer");
    }
    if (!expected.text().contentEquals(text)) {
      boolean shorter = expected.text().startsWith(text.toString());
      return AnswerVerdict.harmed(shorter ? "truncated answer" : "wrong text");
    }
    if (!finishReason.equals(expected.finishReason())) {
      return AnswerVerdict.harmed("wrong finish_reason");
    }
    return usageIs(expected) ? new AnswerVerdict.Ok() : AnswerVerdict.harmed("wrong usage");
  }

  private boolean usageIs(Expected expected) {
    int total = expected.promptTokens() + expected.completionTokens();
    return usage
        .filter(counts ->
            counts.path("prompt_tokens").asInt(-1) == expected.promptTokens()
                && counts.path("completion_tokens").asInt(-1) == expected.completionTokens()
                && counts.path("total_tokens").asInt(-1) == total)
        .isPresent();
  }
}
