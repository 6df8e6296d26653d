// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.summary;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.Resources;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.status.RolloutStatus;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.status.ServiceStatus.FailedRelease;
import dev.weir.model.status.ServiceStatus.StableVersion;
import dev.weir.model.value.VersionRef;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutOfSyncTest {
  private static final Instant END = Instant.parse("2026-12-03T10:10:00Z");

  private static Service wants(String version) {
    return Resources.service(
            "chat", new VersionRef("chat", version), new Placement("local", 2, Map.of()))
        .withStatus(
            ServiceStatus.empty().withStable(new StableVersion(new VersionRef("chat", "2"), 3)));
  }

  private static Service failed(Service service) {
    return service.withStatus(
        service
            .status()
            .withFailed(List.of(new FailedRelease(service.spec().version(), "hash", "chat-3"))));
  }

  private static Rollout ended(String from, String to, RolloutPhase phase) {
    RolloutStatus status =
        new RolloutStatus(
            phase,
            1,
            0,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(END).filter(_ -> phase.terminal()),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            "");
    return Resources.rollout("chat", 3, from, to).withStatus(status);
  }

  private static Optional<String> reason(Service service, Rollout... rollouts) {
    return OutOfSync.of(
        service,
        name ->
            List.of(rollouts).stream().filter(r -> r.metadata().name().equals(name)).findFirst());
  }

  @Test
  void a_service_that_serves_what_it_names_is_in_sync() {
    assertThat(reason(wants("2"))).isEmpty();
    assertThat(reason(wants("3").withStatus(ServiceStatus.empty()))).isEmpty();
  }

  @Test
  void a_version_that_was_rolled_back_aborted_or_undone_has_its_time_and_the_remedy() {
    Service service = failed(wants("3"));
    assertThat(reason(service, ended("chat@2", "chat@3", RolloutPhase.ROLLED_BACK)))
        .contains(
            "chat@3 was rolled back at 2026-12-03T10:10:00Z; `weir rollout retry chat` tries again");
    assertThat(reason(service, ended("chat@2", "chat@3", RolloutPhase.ABORTED)).orElseThrow())
        .startsWith("chat@3 was aborted at");
    assertThat(reason(service, ended("chat@3", "chat@2", RolloutPhase.COMPLETED)).orElseThrow())
        .startsWith("chat@3 was undone at");
    assertThat(reason(service).orElseThrow()).startsWith("chat@3 was given up; `weir rollout");
  }

  @Test
  void a_release_in_progress_is_in_sync_until_it_is_rolled_back() {
    Service live = wants("3").withStatus(wants("3").status().withRollout(Optional.of("chat-3")));
    assertThat(reason(live, ended("chat@2", "chat@3", RolloutPhase.PROGRESSING))).isEmpty();
    assertThat(reason(live, ended("chat@2", "chat@3", RolloutPhase.ROLLING_BACK)))
        .contains("chat@3 is being rolled back");
    assertThat(reason(live, ended("chat@2", "chat@1", RolloutPhase.PROGRESSING)))
        .contains("chat@3 is not released: rollout chat-3 releases chat@1");
  }

  @Test
  void without_a_release_the_message_of_the_service_names_the_reason() {
    Service service = wants("3");
    assertThat(reason(service)).contains("chat@3 is not released yet");
    assertThat(
            reason(
                service.withStatus(
                    service
                        .status()
                        .withMessage("serving chat@2; there is no ModelVersion chat@3"))))
        .contains("chat@3 is not released: there is no ModelVersion chat@3");
  }
}
