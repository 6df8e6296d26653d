// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.pipeline;

import dev.weir.control.change.ChangePlan;
import dev.weir.control.rollout.RolloutOperations;
import dev.weir.model.Resource;
import dev.weir.model.Service;
import dev.weir.model.view.ReleaseOutlook;
import java.util.List;
import java.util.Optional;

/// A release that a write starts.
///
/// @param forecast one sentence for each step that is not likely to get enough traffic
/// @param traffic the traffic of the forecast and the expected time, in one sentence; empty if no
///   version serves yet
/// @param outlook capacity and waits; empty when a resource that the release needs does not exist
public record ReleasePreview(
    ChangePlan.Release release,
    List<String> forecast,
    Optional<String> traffic,
    Optional<ReleaseOutlook> outlook) {
  public ReleasePreview {
    forecast = List.copyOf(forecast);
  }

  /// The releases of a plan.
  static List<ReleasePreview> of(ChangePlan plan, RolloutOperations rollouts) {
    List<Resource> wanted = plan.changes().stream().map(ChangePlan.Planned::after).toList();
    return plan.rollouts().stream().map(release -> of(release, wanted, rollouts)).toList();
  }

  private static ReleasePreview of(
      ChangePlan.Release release, List<Resource> wanted, RolloutOperations rollouts) {
    Optional<Service> service =
        wanted.stream()
            .filter(after -> after.ref().equals(release.service()))
            .map(Service.class::cast)
            .findFirst();
    return new ReleasePreview(
        release,
        service.map(rollouts::forecast).orElseGet(List::of),
        service.flatMap(rollouts::traffic),
        service.flatMap(after -> rollouts.outlook(after, wanted)));
  }
}
