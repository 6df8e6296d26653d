// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.client.FakeControl;
import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.spec.EngineType;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.status.ServiceStatus.FailedRelease;
import dev.weir.model.status.ServiceStatus.StableVersion;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.EngineView;
import dev.weir.model.view.ReplicaView;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The Service `chat` and its rollouts in all states, as a control plane returns them. Each was
/// created ten minutes ago.
public final class FleetFixture {
  public static final String SPACE = "/api/v1/namespaces/default/";

  /// The revision of the Service's spec. The rollouts belong to it.
  static final long SPEC_REVISION = 7;

  private static final Instant STARTED = Instant.parse("2026-01-01T00:01:00Z");
  private static final Instant PHASE_SINCE = Instant.parse("2026-01-01T00:08:30Z");
  private static final Instant FINISHED = Instant.parse("2026-01-01T00:09:05Z");
  private static final Instant REVERT_DECIDED = Instant.parse("2026-01-01T00:08:30Z");
  private static final Instant REVERTED = Instant.parse("2026-01-01T00:08:30.412Z");

  private FleetFixture() {}

  public static VersionRef version(String text) {
    return VersionRef.parse(text).orElseThrow();
  }

  /// @param live the name of its rollout; empty means none
  /// @param rollouts how many rollouts there were in total
  public static Service service(
      String wanted, String stable, String live, int rollouts, String message) {
    ServiceStatus status =
        ServiceStatus.empty()
            .withStable(new StableVersion(version(stable), 3))
            .withRollout(Optional.of(live).filter(name -> !name.isEmpty()))
            .withRollouts(rollouts)
            .withMessage(message);
    Service service =
        Resources.service("chat", version(wanted), new Placement("local", 2, Map.of()));
    return CliFixture.stored(service.withStatus(status), SPEC_REVISION);
  }

  /// The same with a version that was reverted before and is not retried.
  public static Service refusing(Service service, String failed) {
    ServiceStatus status = service.status();
    return service.withStatus(
        status.withFailed(List.of(new FailedRelease(version(failed), "some hash", "chat-1"))));
  }

  /// `chat-2`, from `chat@1` to `chat@2`.
  public static Rollout rollout(RolloutPhase phase, int step, double weight, String message) {
    return rollout(2, phase, step, weight, List.of(), message);
  }

  public static Rollout rollout(
      int number,
      RolloutPhase phase,
      int step,
      double weight,
      List<String> decidedBy,
      String message) {
    boolean reverted = phase == RolloutPhase.ROLLED_BACK;
    RolloutStatus status =
        new RolloutStatus(
            phase,
            step,
            weight,
            Optional.of(STARTED),
            Optional.of(PHASE_SINCE),
            Optional.empty(),
            Optional.of(FINISHED).filter(_ -> phase.terminal()),
            Optional.empty(),
            Optional.empty(),
            decidedBy,
            Optional.of(REVERT_DECIDED).filter(_ -> reverted),
            Optional.of(REVERTED).filter(_ -> reverted),
            message);
    Rollout rollout =
        Resources.rollout("chat", number, "chat@" + (number - 1), "chat@" + number)
            .withStatus(status);
    return CliFixture.stored(rollout, 10L + number);
  }

  public static ReplicaView replica(String version, int number, ReplicaState state, String reason) {
    return new ReplicaView(
        "chat-" + version + "-" + number,
        "default",
        "chat",
        version("chat@" + version),
        "local",
        state,
        Optional.of(URI.create("http://127.0.0.1:" + (9100 + number))),
        Optional.of(4000L + number),
        number,
        PHASE_SINCE,
        Optional.empty(),
        reason);
  }

  /// An engine that reports 3 running and 0 waiting requests; without a share it lacks the metric.
  public static EngineView engine(Instant seenAt, Optional<Double> kvUsage) {
    return new EngineView(
        new EngineType("vllm"),
        Optional.of("0.10.2"),
        Optional.of(3L),
        Optional.of(0L),
        kvUsage,
        Optional.empty(),
        kvUsage.isPresent() ? List.of() : List.of("vllm:kv_cache_usage_perc"),
        Optional.of(seenAt),
        "");
  }

  public static FakeControl service(FakeControl control, Service... states) {
    return control.on("GET " + SPACE + "services/chat", replies(states));
  }

  public static FakeControl rollout(FakeControl control, Rollout... states) {
    return control.on("GET " + SPACE + "rollouts/" + states[0].metadata().name(), replies(states));
  }

  private static FakeControl.Reply[] replies(Resource... states) {
    return List.of(states).stream().map(CliFixture::json).toArray(FakeControl.Reply[]::new);
  }
}
