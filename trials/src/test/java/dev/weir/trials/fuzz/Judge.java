// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.fuzz;

import dev.weir.trials.fuzz.RawHttp.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What must be true of every answer: no 5xx, no inside of the program shown, every refusal a
/// well-formed problem, none late.
final class Judge {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int MOST_TOLD = 20;
  private static final List<String> INSIDES =
      List.of("\tat ", "Exception", "dev.weir.", "java.", "tools.jackson", "SQLITE", "org.sqlite");

  private final Map<Integer, Integer> statuses = new TreeMap<>();
  private final List<String> wrong = new ArrayList<>();
  private final List<Long> nanos = new ArrayList<>();

  synchronized void judge(Attempt attempt, Answer answer) {
    statuses.merge(answer.status(), 1, Integer::sum);
    nanos.add(answer.nanos());
    if (answer.status() == 0) {
      require(!attempt.whole(), attempt, answer, "no answer");
      return;
    }
    require(answer.status() < 500, attempt, answer, "a 5xx");
    require(answer.nanos() < LATE_NANOS, attempt, answer, "late");
    INSIDES.forEach(inside ->
        require(
            !answer.body().contains(inside) || answer.status() < 400,
            attempt,
            answer,
            "shows its inside: " + inside));
    if (answer.status() >= 400 && !attempt.what().startsWith("HEAD ")) {
      problem(attempt, answer);
    }
  }

  private void problem(Attempt attempt, Answer answer) {
    try {
      JsonNode body = JSON.readTree(answer.body());
      boolean formed =
          body.path("type").asString("").startsWith("https://weir.dev/problems/")
              && body.path("status").asInt(0) == answer.status()
              && !body.path("title").asString("").isBlank()
              && (!body.path("detail").asString("").isBlank() || !body.path("errors").isEmpty());
      require(formed, attempt, answer, "not a problem that helps");
    } catch (JacksonException e) {
      require(false, attempt, answer, "not JSON");
    }
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

  synchronized List<String> wrong() {
    return wrong.stream().limit(MOST_TOLD).toList();
  }

  synchronized int wrongs() {
    return wrong.size();
  }

  synchronized Map<Integer, Integer> statuses() {
    return new TreeMap<>(statuses);
  }

  /// @param share 0.5 for the median, 1 for the worst
  synchronized double millis(double share) {
    List<Long> sorted = nanos.stream().sorted().toList();
    return sorted.isEmpty() ? 0 : sorted.get((int) ((sorted.size() - 1) * share)) / 1e6;
  }
}
