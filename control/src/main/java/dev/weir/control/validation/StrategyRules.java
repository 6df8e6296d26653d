// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.validation;

import dev.weir.model.ModelVersion;
import dev.weir.model.Service;
import dev.weir.model.spec.ModelVersionSpec.AcceleratorSpec;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.RollingSpec;
import dev.weir.model.spec.ReleaseSpec.Strategy;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.value.Problem;
import java.util.List;
import java.util.Optional;

/// Checks whether the Targets of a Service support its release strategy.
final class StrategyRules {
  private StrategyRules() {}

  static List<Problem> check(Service service, Optional<ModelVersion> version, ResourceLookup view) {
    ReleaseSpec release = service.spec().release();
    return switch (release.strategy()) {
      case CANARY, BLUE_GREEN, SHADOW -> List.of();
      case RECREATE -> ownReplicas(service, view).stream().toList();
      case ROLLING ->
          ownReplicas(service, view).or(() -> batch(release.rolling(), version)).stream().toList();
    };
  }

  private static Optional<Problem> ownReplicas(Service service, ResourceLookup view) {
    Strategy strategy = service.spec().release().strategy();
    return service.spec().placements().stream()
        .filter(placement -> !startsReplicas(placement, view))
        .findFirst()
        .map(placement ->
            new Problem(
                "spec.release.strategy",
                strategy.text(),
                "Weir does not manage the replicas on target %s and neither starts nor stops them:"
                        .formatted(placement.target())
                    + " use canary, blueGreen or shadow"));
  }

  /// A missing Target is reported elsewhere.
  private static boolean startsReplicas(Placement placement, ResourceLookup view) {
    return view.target(placement.target())
        .map(target -> target.spec().provider().traits().startsReplicas())
        .orElse(true);
  }

  private static Optional<Problem> batch(RollingSpec rolling, Optional<ModelVersion> version) {
    int gpus =
        version.flatMap(found -> found.spec().accelerator()).map(AcceleratorSpec::count).orElse(1);
    int sum = rolling.maxUnavailableGpus() + rolling.maxSurgeGpus().orElse(gpus);
    boolean fits =
        rolling.maxUnavailableGpus() >= gpus || rolling.maxSurgeGpus().orElse(gpus) >= gpus;
    return fits || sum == 0
        ? Optional.empty()
        : Optional.of(
            new Problem(
                "spec.release.rolling",
                "maxSurgeGpus %s, maxUnavailableGpus %d"
                    .formatted(
                        rolling.maxSurgeGpus().map(String::valueOf).orElse("not set"),
                        rolling.maxUnavailableGpus()),
                "a replica has %d accelerators, so one of them must be at least %d"
                    .formatted(gpus, gpus)));
  }
}
