// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.Resources;
import dev.weir.model.spec.PolicySpec.Freeze;
import dev.weir.model.spec.PolicySpec.OnRunning;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ActiveFreezesTest {
  private static final Instant FROM = Instant.parse("2026-12-01T08:00:00Z");
  private static final Instant UNTIL = Instant.parse("2026-12-03T08:00:00Z");

  private static List<String> at(Instant now) {
    Freeze launch =
        new Freeze(
            "launch", Optional.empty(), Optional.of(FROM), Optional.of(UNTIL), OnRunning.PAUSE);
    return ActiveFreezes.warnings(
        List.of(Resources.model("chat"), Resources.policy("calm", List.of(launch), 0, 0)), now);
  }

  @Test
  void a_freeze_that_is_active_at_once_is_a_warning() {
    assertThat(at(FROM))
        .containsExactly(
            "policy calm: freeze launch is active now, until 2026-12-03T08:00:00Z: new releases in"
                + " all namespaces wait, running releases pause");
  }

  @Test
  void a_freeze_before_or_after_its_time_is_no_warning() {
    assertThat(at(FROM.minusSeconds(1))).isEmpty();
    assertThat(at(UNTIL)).isEmpty();
  }
}
