// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What all clients of one scenario got. Event loop only, until the load is over.
public final class Tally {
  private static final int MOST_EXAMPLES = 5;

  private final Map<String, Long> told = new TreeMap<>();
  private final Map<String, Long> toldOthers = new TreeMap<>();
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
        (question.eligible() ? told : toldOthers).merge(cause, 1L, Long::sum);
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

  /// Answers that were right, but not without another attempt or a continuation.
  public long helped() {
    return retried + resumed;
  }

  /// Eligible requests that failed, well told.
  public long failures() {
    return told.values().stream().mapToLong(Long::longValue).sum();
  }

  public List<String> examples() {
    return examples;
  }

  /// What no client may get, eligible or not.
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
    return ("%d requests, %d eligible; %d right, of these %d after another attempt and %d continued;"
            + " eligible failed %s; others failed %s; wrong %d; slowest %.1f s: %s")
        .formatted(
            requests,
            eligible,
            right,
            retried,
            resumed,
            told.isEmpty() ? 0 : told,
            toldOthers.isEmpty() ? 0 : toldOthers,
            wrongs,
            slowestSeconds(),
            slowest);
  }
}
