// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import dev.weir.control.capacity.ReleaseForecast;
import dev.weir.control.capacity.ReleaseForecast.Waits;
import dev.weir.control.observation.ControlClock;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.policy.GuardRails;
import dev.weir.control.rollout.ReleaseStarter.Start;
import dev.weir.model.ModelVersion;
import dev.weir.model.Service;
import dev.weir.model.spec.RolloutSpec.Scale;
import dev.weir.model.status.ServiceStatus.StableVersion;
import dev.weir.model.view.ReleaseOutlook;
import java.util.List;
import java.util.Optional;

/// The capacity and the waits of releases that have not started.
final class ReleaseForecasts {
  private final ControlClock clock;
  private final Waits waits;

  ReleaseForecasts(ControlClock clock, RolloutTiming timing) {
    this.clock = clock;
    this.waits = new Waits(timing.silentCanary(), timing.startupMargin());
  }

  /// @param wanted the resources after the apply
  /// @return empty when no version serves yet, or a version does not exist
  Optional<ReleaseOutlook> of(Service service, ResourceSnapshot wanted) {
    String namespace = service.metadata().namespace();
    Optional<ModelVersion> from =
        service
            .status()
            .stable()
            .map(StableVersion::version)
            .flatMap(stable -> wanted.version(namespace, stable));
    Optional<ModelVersion> to = wanted.version(namespace, service.spec().version());
    return from.flatMap(old -> to.map(fresh -> of(service, old, fresh, wanted)));
  }

  private ReleaseOutlook of(
      Service service, ModelVersion from, ModelVersion to, ResourceSnapshot wanted) {
    Start.Release made =
        ReleaseStarter.release(
            service,
            from.spec().ref(),
            to.spec().ref(),
            "",
            service.spec().release(),
            false,
            Scale.ONE,
            clock.now(),
            "");
    Service releasing = service.withStatus(made.service());
    ResourceSnapshot then = wanted.with(List.of(made.rollout(), releasing));
    List<String> holds = new GuardRails(then, clock.now()).waitReasons(releasing, made.rollout());
    return ReleaseForecast.of(service, from, to, wanted.with(List.of(service)), waits, holds);
  }
}
