// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.foreign;

import dev.weir.client.WeirClient;
import dev.weir.model.Rollout;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import dev.weir.trials.setup.TrialManifests;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// A Service of its own: version 1 on two addresses of one healthy foreign engine, version 2 on two
/// addresses of another. The switches of the second engine define the released version.
///
/// @param name of the Service and its Model
public record ForeignRelease(
    String name, ForeignVersion version, ForeignEngine stable, ForeignEngine next)
    implements AutoCloseable {
  private static final int LISTENERS = 2;

  /// Starts both engines healthy: a version that never answers does not become ready.
  public static ForeignRelease start(
      String name, ForeignVersion version, Path program, HttpClient http, long seed)
      throws Exception {
    return new ForeignRelease(
        name,
        version,
        ForeignEngine.start(program, http, options(name, 2 * seed)),
        ForeignEngine.start(program, http, options(name, 2 * seed + 1)));
  }

  private static Map<String, Object> options(String model, long seed) {
    return Map.of("model", model, "listeners", LISTENERS, "seed", seed);
  }

  /// The Model and both versions.
  public String models() {
    return TrialManifests.externalModel(name, 2);
  }

  /// The Service with this wanted version. Its latency margins are wide because the machine is
  /// busy.
  public String service(int wanted) {
    return """
    ---
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: %1$s}
    spec:
      version: %1$s@%2$d
      placements:
        - target: there
          endpoints: {%1$s@1: %3$s, %1$s@2: %4$s}
      release:
        strategy: canary
        steps: [{weight: 50}]
        bake: {duration: 0s}
        analysis: {minStepDuration: 10s, maxStepDuration: 4m, onInconclusive: pause, dispersion: 1,
                   metrics: {ttft: {tolerance: 50%%, margin: 200%%}, itl: {tolerance: 50%%, margin: 200%%}}}
      traffic:
        timeouts: {connect: 1s, firstToken: 5s, stall: 5s, total: 20s}
        retries: {budget: 50%%, maxAttempts: 4}
    """
        .formatted(
            name,
            wanted,
            TrialManifests.strings(stable.urls()),
            TrialManifests.strings(next.urls()));
  }

  /// The status of the rollout, once there is one.
  public Optional<RolloutStatus> status(WeirClient client) {
    return client
        .find(ResourceRef.of(Kind.ROLLOUT, "default", name + "-1"))
        .map(resource -> ((Rollout) resource).status());
  }

  /// Whether the rollout has ended or waits for an operator.
  public static boolean over(RolloutStatus status) {
    return switch (status.phase()) {
      case PENDING, PROVISIONING, PROGRESSING, PROMOTING, ROLLING_BACK -> false;
      case PAUSED, COMPLETED, ROLLED_BACK, ABORTED, SUPERSEDED -> true;
    };
  }

  /// Whether the new version can receive requests.
  public static boolean begun(RolloutStatus status) {
    return status.phase() == RolloutPhase.PROGRESSING;
  }

  @Override
  public void close() {
    stable.close();
    next.close();
  }
}
