// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.summary;

import dev.weir.control.summary.ReleaseFacts.Measured;
import dev.weir.model.release.Stage;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.Evidence.MetricEvidence;
import dev.weir.model.view.Evidence.Moment;
import dev.weir.model.view.SummaryView.Share;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The progress of a release: shares over time, the completed part and the expected end.
final class ReleaseProgress {
  /// An estimate from a smaller part of the proof would be a guess.
  private static final double LEAST_PROVEN = .15;

  /// The part of a release that its ramp is; the rest is the time in which it is only watched.
  private static final double PART_OF_RAMP = .9;

  private ReleaseProgress() {}

  static boolean needsEvidence(Stage stage) {
    return stage.observed() && stage.needsEvidence();
  }

  // ---- the expected end ------------------------------------------------------------------------

  /// In the last step that needs evidence, the time at which the evidence is complete if it grows
  /// as before; otherwise the forecast. Empty if neither is known, or if that time has passed.
  static Optional<Instant> end(ReleaseFacts facts) {
    return extrapolated(facts).or(facts::expectedEnd).filter(facts.now()::isBefore);
  }

  private static Optional<Instant> extrapolated(ReleaseFacts facts) {
    boolean more =
        facts.stage(facts.status().step() + 1).filter(ReleaseProgress::needsEvidence).isPresent();
    if (more || facts.stage().filter(ReleaseProgress::needsEvidence).isEmpty()) {
      return Optional.empty();
    }
    List<Optional<Instant>> ends = open(facts).stream().map(metric -> end(facts, metric)).toList();
    return ends.isEmpty() || ends.stream().anyMatch(Optional::isEmpty)
        ? Optional.empty()
        : ends.stream().flatMap(Optional::stream).max(Comparator.naturalOrder());
  }

  private static List<MetricEvidence> open(ReleaseFacts facts) {
    return facts.metrics().stream()
        .filter(metric -> metric.gating() && metric.safeThreshold() > 0)
        .filter(metric -> metric.canaryCount() > 0)
        .filter(metric -> metric.safeLogE() < metric.safeThreshold())
        .toList();
  }

  private static Optional<Instant> end(ReleaseFacts facts, MetricEvidence metric) {
    Optional<Evidence> latest = facts.measured().map(Measured::evidence);
    Optional<Moment> first =
        latest.stream()
            .flatMap(evidence -> evidence.history().stream())
            .filter(moment -> moment.step() == facts.status().step())
            .filter(moment -> moment.safe().containsKey(metric.metric()))
            .findFirst();
    if (first.isEmpty() || proven(metric) < LEAST_PROVEN) {
      return Optional.empty();
    }
    Instant at = latest.orElseThrow().at();
    double grown = metric.safeLogE() - first.get().safe().getOrDefault(metric.metric(), 0.0);
    double missing = metric.safeThreshold() - metric.safeLogE();
    double millis = Duration.between(first.get().at(), at).toMillis() * missing / grown;
    return grown > 0 && millis > 0 && millis < Duration.ofDays(2).toMillis()
        ? Optional.of(at.plusMillis(Math.round(millis)))
        : Optional.empty();
  }

  private static double proven(MetricEvidence metric) {
    return metric.safeThreshold() <= 0
        ? 1
        : Math.clamp(metric.safeLogE() / metric.safeThreshold(), 0, 1);
  }

  // ---- the completed part ----------------------------------------------------------------------

  /// The completed part, 0 to 1: the passed stages, and of the running one the part of its proof or
  /// of its duration.
  static double completed(ReleaseFacts facts) {
    return switch (facts.phase()) {
      case PENDING, PROVISIONING -> 0;
      case COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> 1;
      case PROGRESSING, PAUSED, PROMOTING, ROLLING_BACK -> running(facts);
    };
  }

  // The weights of a ramp have one proof, so the weight does not show how much of it is done.
  private static double running(ReleaseFacts facts) {
    long ramp = facts.stages().stream().filter(stage -> stage.name().equals(Stage.RAMP)).count();
    int step = facts.status().step();
    double within = facts.stage().map(stage -> within(facts, stage)).orElse(0.0);
    if (ramp == 0) {
      return Math.clamp((step + within) / Math.max(1, facts.stages().size()), 0, 1);
    }
    return step < ramp ? PART_OF_RAMP * within : PART_OF_RAMP + (1 - PART_OF_RAMP) * within;
  }

  private static double within(ReleaseFacts facts, Stage stage) {
    if (facts.status().passedAt().isPresent()) {
      return 1;
    }
    return needsEvidence(stage)
        ? facts.measured().isEmpty() ? 0 : leastProven(facts)
        : elapsed(facts, stage.atLeast());
  }

  private static double leastProven(ReleaseFacts facts) {
    return facts.metrics().stream()
        .filter(metric -> metric.gating() && metric.canaryCount() > 0)
        .mapToDouble(ReleaseProgress::proven)
        .min()
        .orElse(0);
  }

  private static double elapsed(ReleaseFacts facts, Duration duration) {
    double millis = Math.max(1, duration.toMillis());
    return facts
        .status()
        .stepStartedAt()
        .map(at -> Math.clamp(Duration.between(at, facts.now()).toMillis() / millis, 0, 1))
        .orElse(0.0);
  }

  // ---- shares over time ------------------------------------------------------------------------

  /// The shares, oldest first. A decision has the share that applied until it was made.
  static List<Share> shares(ReleaseFacts facts) {
    List<Share> shares = new ArrayList<>();
    Optional<Instant> started = facts.status().startedAt();
    if (started.isEmpty()) {
      return shares;
    }
    Instant from = started.get();
    add(shares, from, 0);
    for (Evidence decision : facts.decisions()) {
      add(shares, begin(shares, decision, from), decision.weight());
      from = decision.at();
    }
    Instant now = facts.status().stepStartedAt().filter(from::isBefore).orElse(from);
    add(shares, now, current(facts));
    return List.copyOf(shares);
  }

  /// The first requests arrive after the replicas have started.
  private static Instant begin(List<Share> shares, Evidence decision, Instant from) {
    return shares.size() == 1 && !decision.history().isEmpty()
        ? decision.history().getFirst().at()
        : from;
  }

  private static double current(ReleaseFacts facts) {
    return switch (facts.phase()) {
      case COMPLETED -> 100;
      case PROMOTING -> facts.status().weight() == 0 ? 100 : facts.status().weight();
      case ROLLED_BACK, ABORTED, SUPERSEDED -> 0;
      case PENDING, PROVISIONING, PROGRESSING, PAUSED, ROLLING_BACK -> facts.status().weight();
    };
  }

  private static void add(List<Share> shares, Instant from, double percent) {
    if (shares.isEmpty() || shares.getLast().percent() != percent) {
      shares.add(new Share(from, percent));
    }
  }
}
