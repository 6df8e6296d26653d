// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.convergence.ConvergenceAlarm;
import dev.weir.control.convergence.ConvergenceAlarm.Reason;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.control.observation.ResourceSnapshots;
import dev.weir.model.spec.AlertEvent;
import java.util.List;
import org.junit.jupiter.api.Test;

class FleetConditionsTest {
  private static final ResourceSnapshot NOTHING = ResourceSnapshots.of(List.of());

  @Test
  void a_gateway_that_is_behind_is_told_of_though_no_rollout_is_concerned() {
    ConvergenceAlarm behind =
        new ConvergenceAlarm("gw-a", Reason.BEHIND, "", "serves snapshot 3 of 5");

    List<AlertCondition> told = FleetConditions.of(List.of(behind), NOTHING);

    assertThat(told)
        .singleElement()
        .satisfies(condition -> {
          assertThat(condition.event()).isEqualTo(AlertEvent.GATEWAY_BEHIND);
          assertThat(condition.rollout()).isEmpty();
          assertThat(condition.service()).isEmpty();
          assertThat(condition.details()).containsEntry("gateway", "gw-a");
        });
  }
}
