// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.engine;

import java.util.List;
import tools.jackson.databind.JsonNode;

/// The answers of an engine itself, without Weir: a whole stream, and its continuation from the
/// start of the answer.
///
/// @param whole the events of a stream without a cut
/// @param engine asks it
public record DirectAnswers(CompletionApi family, int tokens, List<JsonNode> whole, Engine engine) {
  public DirectAnswers {
    whole = List.copyOf(whole);
  }

  /// Answers a request with the events of a stream, the end mark left out.
  @FunctionalInterface
  public interface Engine {
    List<JsonNode> ask(String body) throws Exception;
  }

  /// The expected answer of a client.
  ///
  /// @param sent tokens that came before the cut
  public record Expected(
      String text, int sent, String finish, int promptTokens, int outputTokens) {}

  public static DirectAnswers of(CompletionApi family, int tokens, Engine engine) throws Exception {
    List<JsonNode> whole = engine.ask(family.question(true, tokens));
    return new DirectAnswers(family, tokens, whole, engine);
  }

  /// Where a stream can be cut: before its first event, after each, and after the end mark.
  public int positions() {
    return whole.size() + 2;
  }

  /// Whether nothing but the end mark is missing after so many events.
  public boolean saidAll(int events) {
    return events >= whole.size();
  }

  /// The expected answer when the stream is cut after this many events.
  public Expected cutAfter(int events) throws Exception {
    List<JsonNode> before = whole.subList(0, Math.min(events, whole.size()));
    int sent = pieces(before);
    boolean over = sent == pieces(whole);
    if (sent == 0 || over) {
      return answer("", sent, whole, 0);
    }
    String said = text(before);
    List<JsonNode> rest = engine.ask(family.continuation(said, tokens - sent));
    return answer(said, sent, rest, sent);
  }

  private Expected answer(String before, int sent, List<JsonNode> rest, int carried) {
    return new Expected(
        before + text(rest),
        sent,
        finish(rest),
        usage(whole).path("prompt_tokens").asInt(),
        carried + usage(rest).path("completion_tokens").asInt());
  }

  private int pieces(List<JsonNode> events) {
    return (int) events.stream().filter(event -> !family.piece(event).isEmpty()).count();
  }

  private String text(List<JsonNode> events) {
    StringBuilder text = new StringBuilder();
    events.forEach(event -> text.append(family.piece(event)));
    return text.toString();
  }

  private static String finish(List<JsonNode> events) {
    String finish = "";
    for (JsonNode event : events) {
      finish = event.path("choices").path(0).path("finish_reason").asString(finish);
    }
    return finish;
  }

  private static JsonNode usage(List<JsonNode> events) {
    return events.getLast().path("usage");
  }
}
