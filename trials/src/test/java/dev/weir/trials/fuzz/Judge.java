// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.weir.trials.fuzz.RawHttp.Answer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The rules for every answer: no 5xx, no internals, every refusal a well-formed problem with a
/// remedy, and no late answer.
public final class Judge {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int MOST_TOLD = 20;
  private static final String TYPES = "https://weir.dev/problems/";
  private static final List<String> INSIDES =
      List.of("\tat ", "Exception", "dev.weir.", "java.", "tools.jackson", "SQLITE", "org.sqlite");

  private final Map<Integer, Integer> statuses = new TreeMap<>();
  private final Map<String, String> types = new HashMap<>();
  private final List<String> wrong = new ArrayList<>();
  private final List<Long> nanos = new ArrayList<>();
  private String slowest = "";
  private long slowestNanos;

  synchronized void judge(Attempt attempt, Answer answer) {
    statuses.merge(answer.status(), 1, Integer::sum);
    nanos.add(answer.nanos());
    if (answer.nanos() > slowestNanos) {
      slowestNanos = answer.nanos();
      slowest = cut(attempt.what(), 80) + " answered " + answer.status();
    }
    if (answer.status() == 0) {
      require(!attempt.whole(), attempt, answer, "no answer");
      return;
    }
    require(answer.status() < 500, attempt, answer, "a 5xx");
    require(answer.nanos() < LATE_NANOS, attempt, answer, "late");
    INSIDES.forEach(inside ->
        require(
            answer.status() < 400
                || !answer.body().contains(inside)
                || new String(attempt.bytes(), ISO_8859_1).contains(inside),
            attempt,
            answer,
            "shows its inside: " + inside));
    if (answer.status() >= 400 && !attempt.what().startsWith("HEAD ")) {
      problem(attempt, answer);
    }
  }

  private void problem(Attempt attempt, Answer answer) {
    require(
        answer.header("content-type").equals("application/problem+json"),
        attempt,
        answer,
        "its content type is " + answer.header("content-type"));
    try {
      JsonNode body = JSON.readTree(answer.body());
      form(body, attempt, answer);
      errors(body, attempt, answer);
    } catch (JacksonException e) {
      require(false, attempt, answer, "not JSON");
    }
    switch (answer.status()) {
      case 401 -> header("www-authenticate", attempt, answer);
      case 405 -> header("allow", attempt, answer);
      default -> {}
    }
  }

  private void form(JsonNode body, Attempt attempt, Answer answer) {
    String type = body.path("type").asString("");
    boolean formed =
        type.startsWith(TYPES)
            && body.path("status").asInt(0) == answer.status()
            && !body.path("title").asString("").isBlank()
            && (!body.path("detail").asString("").isBlank() || !body.path("errors").isEmpty());
    require(formed, attempt, answer, "not a problem that helps");
    String title = body.path("title").asString("");
    String known = types.putIfAbsent(type, title);
    require(
        known == null || known.equals(title),
        attempt,
        answer,
        "the type stands for another title elsewhere: " + known);
    // An error in the first line is refused before the id is read.
    boolean unread = body.path("instance").asString("").isEmpty() && answer.status() == 400;
    if (attempt.whole() && !unread) {
      require(
          body.path("instance").asString("").equals(attempt.id())
              && answer.header("x-request-id").equals(attempt.id()),
          attempt,
          answer,
          "not about this request");
    }
  }

  /// A problem names each invalid field of the body, the error and a valid value.
  private void errors(JsonNode body, Attempt attempt, Answer answer) {
    boolean invalid = body.path("type").asString("").equals(TYPES + "invalid");
    boolean said = !body.path("errors").isEmpty() || !body.path("detail").asString("").isBlank();
    require(!invalid || said, attempt, answer, "names nothing that is wrong");
    for (JsonNode error : body.path("errors")) {
      require(
          error.path("path").isString()
              && error.path("value").isString()
              && !error.path("message").asString("").isBlank(),
          attempt,
          answer,
          "an error that says nothing: " + error);
    }
  }

  private void header(String name, Attempt attempt, Answer answer) {
    require(!answer.header(name).isEmpty(), attempt, answer, "no header " + name);
  }

  synchronized void require(boolean holds, Attempt attempt, Answer answer, String what) {
    if (!holds) {
      wrong.add(
          "%s: %s (case %s) answered %d: %s"
              .formatted(
                  what,
                  cut(attempt.what(), 160),
                  attempt.id(),
                  answer.status(),
                  cut(answer.body(), 300)));
    }
  }

  private static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most) + "...";
  }

  public synchronized List<String> wrong() {
    return wrong.stream().limit(MOST_TOLD).toList();
  }

  public synchronized int wrongs() {
    return wrong.size();
  }

  public synchronized Map<Integer, Integer> statuses() {
    return new TreeMap<>(statuses);
  }

  /// The problem types that were met.
  public synchronized List<String> types() {
    return types.keySet().stream()
        .map(type -> type.substring(type.lastIndexOf('/') + 1))
        .sorted()
        .toList();
  }

  /// The case that took longest.
  public synchronized String slowest() {
    return slowest;
  }

  /// @param share 0.5 for the median, 1 for the worst
  public synchronized double millis(double share) {
    List<Long> sorted = nanos.stream().sorted().toList();
    return sorted.isEmpty() ? 0 : sorted.get((int) ((sorted.size() - 1) * share)) / 1e6;
  }
}
