// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.faults;

import dev.weir.simulator.answer.AnswerOracle.Expected;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Compares one answer with the only correct one: status, headers, each event, one id, the text, a
/// valid finish reason, usage and the end marker. An error must have the format of the API.
final class Inspector {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Question question;
  private final StringBuilder text = new StringBuilder();
  private final StringBuilder pending = new StringBuilder();
  private final TreeMap<Integer, String> finished = new TreeMap<>();
  private int status;
  private boolean events;
  private int attempts = 1;
  private boolean resumed;
  private boolean retryAfter;
  private boolean done;
  private String id = "";
  private Optional<JsonNode> usage = Optional.empty();
  private Optional<String> toldError = Optional.empty();
  private Optional<String> wrong = Optional.empty();

  Inspector(Question question) {
    this.question = question;
  }

  void head(int code, HttpHeaders headers) {
    status = code;
    events = headers.get("content-type", "").startsWith("text/event-stream");
    attempts = Integer.parseInt(headers.get("x-weir-attempts", "1"));
    retryAfter = headers.get("retry-after", "").matches("[0-9]{1,4}");
    if (code == 200 && events != question.streamed()) {
      wrong("content type " + headers.get("content-type"));
    }
  }

  void trailers(HttpHeaders trailers) {
    resumed |= trailers.contains("x-weir-resumed");
  }

  void body(ByteBuf bytes) {
    pending.append(bytes.toString(StandardCharsets.UTF_8));
    if (status == 200 && events) {
      takeEvents();
    }
  }

  private void takeEvents() {
    int start = 0;
    for (int end = pending.indexOf("\n\n"); end >= 0; end = pending.indexOf("\n\n", start)) {
      event(pending.substring(start, end));
      start = end + 2;
    }
    pending.delete(0, start);
  }

  private void event(String event) {
    if (event.startsWith(":")) {
      return;
    }
    if (!event.startsWith("data: ") || event.indexOf('\n') >= 0) {
      wrong("no event: " + event);
      return;
    }
    String data = event.substring("data: ".length());
    if (done || toldError.isPresent()) {
      wrong("something after the end: " + data);
    } else if (data.equals("[DONE]")) {
      done = true;
    } else {
      object(data);
    }
  }

  private void object(String json) {
    try {
      JsonNode object = JSON.readTree(json);
      if (object.has("error")) {
        toldError = Optional.of(error(object, "in the stream"));
        return;
      }
      sameId(object.path("id").asString(""));
      if (object.path("usage").isObject()) {
        usage = Optional.of(object.path("usage"));
      }
      object.path("choices").forEach(this::choice);
    } catch (JacksonException _) {
      wrong("malformed JSON: " + json);
    }
  }

  private void sameId(String next) {
    if (next.isEmpty() || (!id.isEmpty() && !id.equals(next))) {
      wrong("id '" + id + "' became '" + next + "'");
    }
    id = next;
  }

  private void choice(JsonNode choice) {
    int index = choice.path("index").asInt(0);
    String piece = piece(choice);
    if (finished.containsKey(index)) {
      wrong("more after the finish of choice " + index);
    }
    if (index == 0) {
      text.append(piece);
    }
    String reason = choice.path("finish_reason").asString("");
    if (!reason.isEmpty()) {
      finished.put(index, reason);
    }
  }

  private String piece(JsonNode choice) {
    return question.chat()
        ? choice.path(events ? "delta" : "message").path("content").asString("")
        : choice.path("text").asString("");
  }

  /// The error's cause, when it has the four keys that the API's errors have.
  private String error(JsonNode object, String where) {
    JsonNode error = object.path("error");
    boolean whole =
        !error.path("message").asString("").isBlank()
            && error.path("type").isString()
            && error.has("param")
            && error.has("code");
    if (!whole) {
      wrong("an error in no known shape: " + object);
    }
    return error.path("code").asString(error.path("type").asString("")) + " " + where;
  }

  private void wrong(String what) {
    if (wrong.isEmpty()) {
      wrong = Optional.of(what.length() > 300 ? what.substring(0, 300) : what);
    }
  }

  /// The connection broke, or its time is over.
  ClientVerdict broken(String how) {
    return new ClientVerdict.Wrong(how + " after status " + status + " and '" + text + "'");
  }

  /// The answer is complete.
  ClientVerdict end() {
    if (status != 200) {
      return refused();
    }
    if (!events) {
      object(pending.toString());
    }
    if (wrong.isEmpty() && toldError.isPresent()) {
      return new ClientVerdict.ReportedFailure(toldError.get());
    }
    compare();
    return wrong
        .<ClientVerdict>map(ClientVerdict.Wrong::new)
        .orElseGet(() -> new ClientVerdict.Right(attempts, resumed));
  }

  private ClientVerdict refused() {
    String cause = "";
    try {
      cause = error(JSON.readTree(pending.toString()), "with status " + status);
    } catch (JacksonException _) {
      wrong("status " + status + " with no JSON: " + pending);
    }
    if (status != 429 && status / 100 != 5) {
      wrong("status " + status + " for a request that was right");
    }
    if ((status == 429 || status == 503) && !retryAfter) {
      wrong("status " + status + " without Retry-After");
    }
    return wrong.isPresent()
        ? new ClientVerdict.Wrong(wrong.get())
        : new ClientVerdict.ReportedFailure(cause);
  }

  private void compare() {
    Expected expected = question.expected();
    if (events && (!done || !pending.isEmpty())) {
      wrong("a stream without its end: " + pending);
    }
    if (!expected.text().contentEquals(text)) {
      wrong("'" + text + "' instead of '" + expected.text() + "'");
    }
    if (finished.size() != question.choices() || !expected.finishReason().equals(finished.get(0))) {
      wrong("finished " + finished + " instead of " + expected.finishReason());
    }
    if (question.choices() == 1 && !usageIs(expected)) {
      wrong("usage " + usage + " instead of " + expected);
    }
  }

  private boolean usageIs(Expected expected) {
    return usage
        .filter(said ->
            said.path("prompt_tokens").asInt(-1) == expected.promptTokens()
                && said.path("completion_tokens").asInt(-1) == expected.completionTokens())
        .isPresent();
  }
}
