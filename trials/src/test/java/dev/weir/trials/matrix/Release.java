// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.matrix;

import dev.weir.client.WeirClient;
import dev.weir.model.Rollout;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// How the release of a cell's second version went.
///
/// @param status of the rollout when it was read last
/// @param seen by the clients from its beginning
public record Release(
    Cell cell, RolloutStatus status, List<ObservedRequest> seen, MatrixTraffic traffic) {
  /// The rollout of a cell, once there is one.
  public static Optional<RolloutStatus> status(WeirClient client, Cell cell) {
    return client
        .find(ResourceRef.of(Kind.ROLLOUT, "default", cell.name() + "-1"))
        .map(resource -> ((Rollout) resource).status());
  }

  /// Whether the second version has got requests.
  public static boolean begun(RolloutStatus status) {
    return status.phase() != RolloutPhase.PENDING && status.phase() != RolloutPhase.PROVISIONING;
  }

  /// Whether nothing more will be decided.
  public static boolean over(RolloutStatus status) {
    return switch (status.phase()) {
      case PENDING, PROVISIONING, PROGRESSING, PROMOTING -> false;
      case ROLLING_BACK -> status.revertedAt().isPresent();
      case PAUSED, COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> true;
    };
  }

  public boolean reverted() {
    return status.phase() == RolloutPhase.ROLLED_BACK
        || status.phase() == RolloutPhase.ROLLING_BACK;
  }

  /// Whether the second version serves everything, after the bake.
  public boolean promoted() {
    return status.phase() == RolloutPhase.COMPLETED;
  }

  private List<ObservedRequest> ofCanary() {
    return seen.stream().filter(ObservedRequest::canary).toList();
  }

  private Optional<Double> secondsUntil(Optional<Instant> moment) {
    return ofCanary().stream()
        .findFirst()
        .flatMap(first ->
            moment.map(then ->
                Duration.between(traffic.at(first.atMicros() + first.endedMicros()), then)
                        .toMillis()
                    / 1e3));
  }

  /// Canary answers until no gateway routed there any more, or until it was no canary any more.
  private List<ObservedRequest> exposed() {
    Optional<Instant> end = status.revertedAt().or(status::finishedAt);
    return ofCanary().stream()
        .filter(one -> end.map(then -> traffic.at(one.atMicros()).isBefore(then)).orElse(true))
        .toList();
  }

  /// Cells of a table: how it ended, seconds from the first canary answer to the decision and to
  /// weight 0, canary answers, bad ones among them.
  public String cells() {
    List<ObservedRequest> exposed = exposed();
    return "%s | %s | %s | %d | %d"
        .formatted(
            reverted() ? "reverted by " + String.join(", ", status.decidedBy()) : ended(),
            show(secondsUntil(status.revertDecidedAt())),
            show(secondsUntil(status.revertedAt())),
            exposed.size(),
            exposed.stream().filter(cell.regression()::harms).count());
  }

  private String ended() {
    return switch (status.phase()) {
      case COMPLETED -> "promoted after " + show(secondsUntil(status.finishedAt())) + " s";
      case PROMOTING -> "baking";
      case PAUSED -> "inconclusive";
      case PROGRESSING -> "undecided at %.0f %%".formatted(status.weight());
      default -> status.phase().text();
    };
  }

  private static String show(Optional<Double> seconds) {
    return seconds.map("%.1f"::formatted).orElse("-");
  }
}
