// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.foreign;

import dev.weir.trials.foreign.Judged.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A client of a foreign engine that checks every answer itself.
///
/// @param key that may call models
/// @param stopTokens how many tokens usage counts for the end of an answer: 0 or 1
public record ForeignClient(
    HttpClient http, URI gateway, String key, String model, int stopTokens) {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int MAX_TOKENS = 200;
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  /// One question.
  ///
  /// @param chat else a completion
  public record Question(long number, boolean chat, boolean streamed) {
    /// Every second one is a stream, every second of these a chat.
    public static Question of(long number) {
      return new Question(number, number % 4 < 2, number % 2 == 0);
    }

    /// It ends with a line's end: by that the engine knows a completion's question from the
    /// beginning of its answer.
    String text() {
      return "What do you know of number " + number + "?\n";
    }
  }

  /// Sends a request, reads the answer to its end and checks it. A lost connection is a failure,
  /// not an exception.
  public Judged ask(Question question) throws InterruptedException {
    Reading reading = new Reading(question);
    try {
      HttpResponse<Stream<String>> response =
          http.send(request(question), HttpResponse.BodyHandlers.ofLines());
      reading.version = response.headers().firstValue("x-weir-version").orElse("");
      reading.status = response.statusCode();
      try (Stream<String> lines = response.body()) {
        lines.forEach(reading::line);
      }
    } catch (HttpTimeoutException e) {
      reading.failure = "no answer in " + PATIENCE.toSeconds() + " s";
      reading.cause = "no answer to what was sent at " + Instant.now().minus(PATIENCE);
    } catch (IOException | UncheckedIOException e) {
      reading.failure = "connection broken";
      reading.cause = Objects.requireNonNullElse(e.getMessage(), e.toString());
    }
    return reading.judged();
  }

  private HttpRequest request(Question question) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("model", model);
    body.put("max_tokens", MAX_TOKENS);
    if (question.chat()) {
      body.put("messages", List.of(Map.of("role", "user", "content", question.text())));
    } else {
      body.put("prompt", question.text());
    }
    if (question.streamed()) {
      body.put("stream", true);
      body.put("stream_options", Map.of("include_usage", true));
    }
    String path = question.chat() ? "/v1/chat/completions" : "/v1/completions";
    return HttpRequest.newBuilder(gateway.resolve(path))
        .timeout(PATIENCE)
        .header("authorization", "Bearer " + key)
        .header("content-type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
        .build();
  }

  /// An answer while it is read.
  private final class Reading {
    private final Question question;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder whole = new StringBuilder();
    private String version = "";
    private int status;
    private String failure = "";
    private String cause = "";
    private String garbage = "";
    private String finish = "";
    private long completionTokens = -1;
    private boolean done;

    Reading(Question question) {
      this.question = question;
    }

    void line(String line) {
      if (status != 200 || !question.streamed()) {
        whole.append(line).append('\n');
      } else if (line.equals("data: [DONE]")) {
        done = true;
      } else if (line.startsWith("data: ")) {
        document(line.substring("data: ".length()));
      } else if (!line.isEmpty() && !line.startsWith(":")) {
        garbage = "not an event";
      }
    }

    private void document(String json) {
      try {
        JsonNode node = JSON.readTree(json);
        if (node.has("error")) {
          failure = node.at("/error/type").asString("") + "/" + node.at("/error/code").asString("");
        }
        JsonNode choice = node.at("/choices/0");
        text.append(choice.at("/delta/content").asString(""))
            .append(choice.at("/message/content").asString(""))
            .append(choice.path("text").asString(""));
        finish = choice.path("finish_reason").asString(finish);
        completionTokens = node.at("/usage/completion_tokens").asLong(completionTokens);
      } catch (JacksonException e) {
        garbage = "not JSON";
      }
    }

    Judged judged() {
      if (!whole.isEmpty()) {
        document(whole.toString());
      }
      String failed = failed();
      String wrong = failed.isEmpty() ? wrong() : failed;
      Verdict verdict =
          wrong.isEmpty() ? Verdict.RIGHT : failed.isEmpty() ? Verdict.WRONG : Verdict.FAILED;
      return new Judged(Instant.now(), version, verdict, wrong, cause);
    }

    private String failed() {
      if (status != 0 && status != 200) {
        return "status " + status;
      }
      return failure;
    }

    private String wrong() {
      String expected = ForeignText.answer(question.text());
      long counted = (long) ForeignText.tokens(question.text()) + stopTokens;
      if (!garbage.isEmpty()) {
        return garbage;
      }
      if (question.streamed() && !done) {
        return "a stream ended without an error event";
      }
      if (!text.toString().equals(expected)) {
        return text.isEmpty() ? "empty" : "other text";
      }
      if (!finish.equals("stop")) {
        return "finish reason '" + finish + "'";
      }
      return completionTokens == counted
          ? ""
          : "usage " + (completionTokens - counted) + " tokens off";
    }
  }
}
