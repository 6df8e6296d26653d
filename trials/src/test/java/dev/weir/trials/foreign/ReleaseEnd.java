// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.foreign;

import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// How a release went, by its rollout and by its clients.
///
/// @param began when the new version was given requests
/// @param answers every one of its Service
public record ReleaseEnd(
    ForeignRelease release, RolloutStatus status, Optional<Instant> began, List<Judged> answers) {
  /// Above the columns of [#row].
  public static final String HEADER =
      """

      | version | expected | outcome | decided by | seconds to decision | requests | of version 2 | client failures | wrong answers | bad answers of version 2 | what clients saw |
      |---|---|---|---|---|---|---|---|---|---|---|
      """;

  private static final int MOST_DETAILS = 4;

  public ReleaseEnd {
    answers = List.copyOf(answers);
  }

  public boolean completed() {
    return status.phase() == RolloutPhase.COMPLETED;
  }

  public boolean rolledBack() {
    return status.phase() == RolloutPhase.ROLLED_BACK;
  }

  /// Whether one of the metrics decided that should.
  public boolean decidedAsExpected() {
    return status.decidedBy().stream().anyMatch(release.version().deciders()::contains);
  }

  public long failures() {
    return count(Judged::failed);
  }

  public long wrong() {
    return count(answer -> answer.verdict() == Judged.Verdict.WRONG);
  }

  private long count(Predicate<Judged> which) {
    return answers.stream().filter(which).count();
  }

  private boolean ofNext(Judged answer) {
    return answer.version().equals(release.name() + "@2");
  }

  /// From the moment at which clients' requests could come to the new version.
  public Optional<Double> secondsToDecision() {
    Optional<Instant> end = status.revertDecidedAt().or(status::finishedAt);
    return began.flatMap(from -> end.map(to -> Duration.between(from, to).toMillis() / 1e3));
  }

  private String seen() {
    Map<String, Long> kinds =
        answers.stream()
            .filter(answer -> !answer.right())
            .collect(Collectors.groupingBy(Judged::wrong, TreeMap::new, Collectors.counting()));
    return kinds.isEmpty()
        ? "nothing"
        : kinds.entrySet().stream()
            .map(kind -> kind.getKey() + " " + kind.getValue())
            .collect(Collectors.joining(", "));
  }

  /// What clients saw of the first few lost connections.
  public List<String> details() {
    return answers.stream()
        .map(Judged::detail)
        .filter(detail -> !detail.isEmpty())
        .distinct()
        .limit(MOST_DETAILS)
        .toList();
  }

  /// A line of the table below [#HEADER].
  public String row() {
    ForeignVersion version = release.version();
    return "| %s | %s | %s | %s | %s | %d | %d | %d | %d | %d | %s |%n"
        .formatted(
            version,
            version.isHealthy()
                ? "Completed"
                : "RolledBack by "
                    + String.join(" or ", version.deciders().stream().sorted().toList()),
            status.phase().text(),
            status.decidedBy().isEmpty() ? "-" : String.join(", ", status.decidedBy()),
            secondsToDecision().map("%.1f"::formatted).orElse("-"),
            answers.size(),
            count(this::ofNext),
            failures(),
            wrong(),
            count(answer -> ofNext(answer) && version.harms(answer)),
            seen());
  }
}
