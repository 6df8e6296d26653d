// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.policy;

import static dev.weir.model.status.RolloutPhase.COMPLETED;
import static dev.weir.model.status.RolloutPhase.PENDING;
import static dev.weir.model.status.RolloutPhase.PROGRESSING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.Resources;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ServiceSpec;
import dev.weir.model.status.RolloutStatus.Overridden;
import dev.weir.model.status.ServiceStatus;
import dev.weir.model.status.ServiceStatus.FailedRelease;
import dev.weir.model.status.ServiceStatus.StableVersion;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReleaseDependenciesTest {
  private static PolicyFixture board(String... after) {
    PolicyFixture board = new PolicyFixture().releasing("app", PENDING, 3, "gpu-a");
    Service app = board.service("app");
    ReleaseSpec release = app.spec().release();
    ReleaseSpec ordered = release.withAfter(List.of(after));
    return board.put(
        app.withSpec(
            new ServiceSpec(
                app.spec().version(), app.spec().placements(), ordered, app.spec().traffic())));
  }

  private static Service standing(String name, ServiceStatus status) {
    return Resources.service(name, PolicyFixture.TWO).withStatus(status);
  }

  private static ServiceStatus serving(StableVersion stable) {
    return ServiceStatus.empty().withStable(stable);
  }

  @Test
  void it_waits_for_a_rollout_that_is_live_and_for_what_does_not_serve_yet() {
    PolicyFixture board = board("router", "other/judge");
    board.releasing("router", PROGRESSING, 5, "gpu-b");
    assertThat(board.holds("app"))
        .containsExactly("waiting for service router: rollout router-1 is Progressing");
    board.put(standing("router", serving(new StableVersion(PolicyFixture.ONE, 1))));
    assertThat(board.holds("app"))
        .containsExactly("waiting for service router: chat@2 does not serve yet");
    board.put(standing("router", serving(new StableVersion(PolicyFixture.TWO, 1))));
    assertThat(board.holds("app")).isEmpty();
  }

  @Test
  void what_was_given_up_is_named_and_what_is_gone_is_not_waited_for() {
    PolicyFixture board = board("router", "gone");
    board.put(
        standing(
            "router",
            serving(new StableVersion(PolicyFixture.ONE, 1))
                .withFailed(List.of(new FailedRelease(PolicyFixture.TWO, "hash", "router-4")))));
    assertThat(board.holds("app"))
        .containsExactly(
            "waiting for service router: chat@2 does not serve yet, given up in rollout router-4");
  }

  @Test
  void a_service_that_never_served_is_waited_for() {
    PolicyFixture board = board("router");
    board.put(standing("router", ServiceStatus.empty()));
    assertThat(board.holds("app")).hasSize(1);
  }

  @Test
  void who_waits_for_another_keeps_no_place_and_an_override_waits_for_nobody() {
    PolicyFixture board = board("router").put(Resources.policy("gentle", List.of(), 1, 0));
    board.releasing("router", PENDING, 1, "gpu-a");
    assertThat(board.holds("router")).isEmpty();
    assertThat(board.holds("app")).isNotEmpty();

    Rollout rollout = board.rollout("app");
    Overridden how =
        new Overridden(
            "ada", "now", PolicyFixture.NOW, Optional.of(PolicyFixture.NOW.plusSeconds(9)));
    board.put(rollout.withStatus(Resources.overridden(rollout.status(), how)));
    assertThat(board.holds("app")).isEmpty();
    assertThat(board.holds("app", PolicyFixture.NOW.plusSeconds(9))).isNotEmpty();
  }

  @Test
  void a_rollout_that_is_over_holds_nobody() {
    PolicyFixture board = board("router");
    board.releasing("router", COMPLETED, 5, "gpu-b");
    board.put(board.service("router").withStatus(serving(new StableVersion(PolicyFixture.TWO, 1))));
    assertThat(board.holds("app")).isEmpty();
  }
}
