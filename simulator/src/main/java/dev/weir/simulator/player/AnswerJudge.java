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

/// Judges one answer from its bytes alone: status, well-formed JSON or events, one id throughout, a
/// legal finish reason, `[DONE]`, usage, and the text itself, byte for byte as [AnswerOracle] says.
///
/// Fed in order: [#head], [#body] any number of times, then [#end] or [#broken]. Pure.
final class AnswerJudge {
  /// Bodies that are not streamed are kept up to this size.
  private static final int BODY_MAX = 8 << 20;

  private static final JsonMapper JSON = JsonMapper.shared();

  /// Hears of each piece of text as it comes.
  @FunctionalInterface
  interface Heard {
    void content();
  }

  private final Ask ask;
  private final Heard heard;
  private final SseReader events = new SseReader(this::event);
  private final StringBuilder text = new StringBuilder();
  private final ByteBuf whole = Unpooled.buffer(256, BODY_MAX);
  private String version = "";
  private int status;
  private boolean eventStream;
  private boolean done;
  private String id = "";
  private String finishReason = "";
  private Optional<JsonNode> usage = Optional.empty();
  private Optional<Verdict> fault = Optional.empty();

  AnswerJudge(Ask ask, Heard heard) {
    this.ask = ask;
    this.heard = heard;
  }

  /// @param modelVersion the one that the response names, or empty
  void head(int statusCode, String contentType, String modelVersion) {
    status = statusCode;
    answeredBy(modelVersion);
    eventStream = contentType.startsWith("text/event-stream");
  }

  /// @param modelVersion by whose text the answer is judged at its end
  void answeredBy(String modelVersion) {
    version = modelVersion;
  }

  void body(ByteBuf bytes) {
    if (eventStream && success()) {
      events.feed(bytes);
    } else if (whole.readableBytes() + bytes.readableBytes() <= BODY_MAX) {
      whole.writeBytes(bytes);
    } else {
      found(Verdict.failed("body too large"));
    }
  }

  private boolean success() {
    return status >= 200 && status < 300;
  }

  /// The connection broke, or time ran out, before the end.
  Verdict broken(String reason) {
    return fault.filter(Verdict.Failed.class::isInstance).orElse(Verdict.failed(reason));
  }

  /// The response is complete.
  Verdict end() {
    if (!success()) {
      return Verdict.failed("status " + status);
    }
    if (eventStream != ask.planned().streamed()) {
      return Verdict.failed("wrong content type");
    }
    if (!eventStream) {
      object(whole.toString(StandardCharsets.UTF_8));
    } else if (fault.isEmpty() && (!done || events.torn())) {
      return Verdict.failed("stream ended without [DONE]");
    }
    return fault.orElseGet(this::compare);
  }

  private void found(Verdict what) {
    if (fault.isEmpty()) {
      fault = Optional.of(what);
    }
  }

  private void event(String data) {
    if (done) {
      found(Verdict.failed("event after [DONE]"));
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
        found(Verdict.failed("error event"));
        return;
      }
      sameId(body.path("id").asString(""));
      if (body.path("usage").isObject()) {
        usage = Optional.of(body.path("usage"));
      }
      body.path("choices").forEach(this::choice);
    } catch (JacksonException malformed) {
      found(Verdict.failed("malformed JSON"));
    }
  }

  private void sameId(String next) {
    if (next.isEmpty() || (!id.isEmpty() && !id.equals(next))) {
      found(Verdict.harmed("id changed or missing"));
    }
    id = next;
  }

  private void choice(JsonNode choice) {
    if (choice.path("index").asInt(0) != 0) {
      found(Verdict.harmed("unasked choice"));
    }
    String piece = piece(choice);
    if (!piece.isEmpty()) {
      text.append(piece);
      heard.content();
    }
    String reason = choice.path("finish_reason").asString("");
    if (!reason.isEmpty()) {
      if (!finishReason.isEmpty()) {
        found(Verdict.harmed("finished twice"));
      }
      finishReason = reason;
    } else if (!finishReason.isEmpty() && !piece.isEmpty()) {
      found(Verdict.harmed("text after the finish"));
    }
  }

  private String piece(JsonNode choice) {
    if (!ask.planned().chat()) {
      return choice.path("text").asString("");
    }
    return choice.path(eventStream ? "delta" : "message").path("content").asString("");
  }

  private Verdict compare() {
    Expected expected = ask.expected(version);
    if (text.isEmpty() && !expected.text().isEmpty()) {
      return Verdict.harmed("empty answer");
    }
    if (!expected.text().contentEquals(text)) {
      boolean shorter = expected.text().startsWith(text.toString());
      return Verdict.harmed(shorter ? "truncated answer" : "wrong text");
    }
    if (!finishReason.equals(expected.finishReason())) {
      return Verdict.harmed("wrong finish_reason");
    }
    return usageIs(expected) ? new Verdict.Ok() : Verdict.harmed("wrong usage");
  }

  private boolean usageIs(Expected expected) {
    int total = expected.promptTokens() + expected.completionTokens();
    return usage
        .filter(said ->
            said.path("prompt_tokens").asInt(-1) == expected.promptTokens()
                && said.path("completion_tokens").asInt(-1) == expected.completionTokens()
                && said.path("total_tokens").asInt(-1) == total)
        .isPresent();
  }
}
