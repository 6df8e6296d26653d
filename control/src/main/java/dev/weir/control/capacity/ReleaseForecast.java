// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import dev.weir.control.capacity.CapacityDemand.TargetResource;
import dev.weir.control.capacity.CapacityPlan.Borrow;
import dev.weir.control.capacity.CapacityPlan.InPlace;
import dev.weir.control.capacity.CapacityPlan.Refused;
import dev.weir.control.capacity.CapacityPlan.Surge;
import dev.weir.control.capacity.ExtraCapacity.Span;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.ModelVersion;
import dev.weir.model.Service;
import dev.weir.model.notation.Durations;
import dev.weir.model.release.Stage;
import dev.weir.model.release.Stage.Proof;
import dev.weir.model.release.Stages;
import dev.weir.model.spec.ModelVersionSpec.AcceleratorSpec;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.RolloutSpec.Room;
import dev.weir.model.spec.RolloutSpec.Scale;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.ReleaseOutlook;
import dev.weir.model.view.ReleaseOutlook.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Forecasts the duration, capacity and cost of a release from its stages.
public final class ReleaseForecast {
  private static final double MILLIS = 1000;

  private final ModelVersion from;
  private final ModelVersion to;
  private final ReleaseSpec release;
  private final CapacityUsage capacityUsage;
  private final CapacityPlan plan;
  private final ResourceSnapshot resourceSnapshot;
  private final Waits waits;
  private final CapacityDemand capacityDemand;
  private final List<Stage> stages;

  /// @param lease the time until a disconnected gateway has certainly stopped using a canary
  /// @param startupMargin the time beyond a version's start-up timeout until its replicas must be
  ///   Ready
  public record Waits(Duration lease, Duration startupMargin) {}

  private ReleaseForecast(
      Service service,
      ModelVersion from,
      ModelVersion to,
      ResourceSnapshot resourceSnapshot,
      Waits waits) {
    this.from = from;
    this.to = to;
    this.release = service.spec().release();
    this.capacityUsage = CapacityUsage.of(resourceSnapshot);
    this.plan =
        CapacityPlanner.plan(
            service, from.spec().ref(), to, release, false, capacityUsage, resourceSnapshot);
    this.resourceSnapshot = resourceSnapshot;
    this.waits = waits;
    this.capacityDemand = new CapacityDemand(resourceSnapshot, service);
    this.stages = Stages.of(release, scale());
  }

  /// @param service with the wanted spec
  /// @param resourceSnapshot contains all wanted resources
  /// @param waitsFor what would delay the release now
  public static ReleaseOutlook of(
      Service service,
      ModelVersion from,
      ModelVersion to,
      ResourceSnapshot resourceSnapshot,
      Waits waits,
      List<String> waitsFor) {
    return new ReleaseForecast(service, from, to, resourceSnapshot, waits).toView(waitsFor);
  }

  private ReleaseOutlook toView(List<String> waitsFor) {
    Duration revert = revert();
    ExtraCapacity extraCapacity =
        ExtraCapacity.of(
            capacityDemand, before(), from.spec(), to.spec(), spans(), resourceSnapshot);
    return new ReleaseOutlook(
        release.strategy(),
        stages.stream().map(Stage::weight).toList(),
        release.ramps(),
        seconds(stages.stream().map(this::shortest).reduce(Duration.ZERO, Duration::plus)),
        room(),
        plan.text(),
        seconds(revert),
        reason(),
        usage(),
        extraCapacity.gpuHours(),
        extraCapacity.usd(),
        extraCapacity.prices(),
        waitsFor);
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / MILLIS;
  }

  /// A refused release is forecast as a surge.
  private Scale scale() {
    int gpus = to.spec().accelerator().map(AcceleratorSpec::count).orElse(1);
    Room room = plan instanceof InPlace ? Room.IN_PLACE : Room.SURGE;
    return new Scale(Math.max(1, capacityDemand.replicas()), gpus, room);
  }

  private String room() {
    return switch (plan) {
      case Surge _ -> "surge";
      case InPlace _ -> "inPlace";
      case Borrow _ -> "borrow";
      case Refused _ -> "refused";
    };
  }

  private Duration shortest(Stage stage) {
    Duration proof = release.analysis().minStepDuration();
    boolean proven = stage.proof() == Proof.PROVE && proof.compareTo(stage.atLeast()) > 0;
    return proven ? proof : stage.atLeast();
  }

  // ---- rollback --------------------------------------------------------------------------------

  private Duration revert() {
    return mustReturn()
        ? waits.lease().plus(from.spec().startupTimeout()).plus(waits.startupMargin())
        : waits.lease();
  }

  private String reason() {
    String lease =
        "a disconnected gateway stops using the canary when its lease ends (%s); others within 1 to 2 s"
            .formatted(Durations.print(waits.lease()));
    return mustReturn()
        ? "replicas of %s must start first, which may take %s; then %s"
            .formatted(
                from.spec().ref(),
                Durations.print(from.spec().startupTimeout().plus(waits.startupMargin())),
                lease)
        : lease;
  }

  /// Whether at some stage too few old replicas remain to serve all traffic. Half of them can, for
  /// a short time.
  private boolean mustReturn() {
    return stages.stream().anyMatch(stage -> 2 * stage.old() < stage.of());
  }

  // ---- accelerators ----------------------------------------------------------------------------

  private Map<TargetResource, Integer> before() {
    return capacityDemand.steadyState(from.spec().ref());
  }

  private List<Span> spans() {
    return stages.stream()
        .map(stage ->
            new Span(
                new ReplicaCounts(
                    stage.newReplicasOf(capacityDemand.replicas()),
                    stage.oldOf(capacityDemand.replicas())),
                shortest(stage)))
        .toList();
  }

  private List<Usage> usage() {
    VersionRef fresh = to.spec().ref();
    Map<TargetResource, Integer> before = before();
    Map<TargetResource, Integer> peak = new TreeMap<>(before);
    capacityDemand
        .of(from.spec().ref(), fresh, ReplicaCounts.of(stages, capacityDemand.replicas()))
        .forEach((targetResource, count) -> peak.merge(targetResource, count, Math::max));
    return peak.entrySet().stream()
        .map(entry ->
            new Usage(
                entry.getKey().target(),
                entry.getKey().unit(),
                before.getOrDefault(entry.getKey(), 0),
                entry.getValue(),
                capacityUsage.pool(entry.getKey()).map(CapacityPool::capacity)))
        .toList();
  }
}
