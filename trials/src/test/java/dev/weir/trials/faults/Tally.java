// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The results of all clients of one scenario. Event loop only, until the load ends.
public final class Tally {
  private static final int MOST_EXAMPLES = 5;

  private final Map<String, Long> eligibleFailures = new TreeMap<>();
  private final Map<String, Long> otherFailures = new TreeMap<>();
  private final List<String> wrong = new ArrayList<>();
  private final List<String> examples = new ArrayList<>();
  private long requests;
  private long eligible;
  private long right;
  private long retried;
  private long resumed;
  private long wrongs;
  private long slowestMicros;
  private String slowest = "";

  void add(Question question, ClientVerdict verdict, long micros) {
    requests++;
    eligible += question.eligible() ? 1 : 0;
    if (micros > slowestMicros) {
      slowestMicros = micros;
      slowest = kind(question) + question.number() + " " + verdict;
    }
    switch (verdict) {
      case ClientVerdict.Right(int attempts, boolean again) -> {
        right++;
        retried += attempts > 1 ? 1 : 0;
        resumed += again ? 1 : 0;
      }
      case ClientVerdict.ReportedFailure(String cause) -> {
        (question.eligible() ? eligibleFailures : otherFailures).merge(cause, 1L, Long::sum);
        example(examples, question.eligible(), question, cause);
      }
      case ClientVerdict.Wrong(String what) -> {
        wrongs++;
        example(wrong, true, question, what);
      }
    }
  }

  private static void example(List<String> list, boolean keep, Question question, String what) {
    if (keep && list.size() < MOST_EXAMPLES) {
      list.add(kind(question) + question.number() + ": " + what);
    }
  }

  private static String kind(Question question) {
    return (question.streamed() ? "streamed " : "") + (question.chat() ? "chat " : "completion ");
  }

  public long requests() {
    return requests;
  }

  /// Correct answers that needed a retry or were resumed.
  public long helped() {
    return retried + resumed;
  }

  /// Eligible requests that failed with a correct error.
  public long failures() {
    return eligibleFailures.values().stream().mapToLong(Long::longValue).sum();
  }

  public List<String> examples() {
    return examples;
  }

  /// Answers that no client may get, whether the request is eligible or not.
  public long wrongs() {
    return wrongs;
  }

  public List<String> wrong() {
    return wrong;
  }

  private double slowestSeconds() {
    return slowestMicros / 1e6;
  }

  @Override
  public String toString() {
    return ("%d requests, %d eligible; %d correct, of these %d after retries and %d resumed;"
            + " eligible requests failed: %s; other requests failed: %s; wrong answers: %d;"
            + " slowest %.1f s: %s")
        .formatted(
            requests,
            eligible,
            right,
            retried,
            resumed,
            eligibleFailures.isEmpty() ? 0 : eligibleFailures,
            otherFailures.isEmpty() ? 0 : otherFailures,
            wrongs,
            slowestSeconds(),
            slowest);
  }
}
