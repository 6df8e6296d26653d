// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.GeneratedTraffic;
import dev.weir.model.Percentage;
import dev.weir.model.RecordingSpec;
import dev.weir.model.ReleaseSpec;
import dev.weir.model.ReleaseSpec.BakeSpec;
import dev.weir.model.Resources;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SpecHashTest {
  private static final ReleaseSpec PLAIN = Resources.release().withBake(BakeSpec.USUAL);

  private static ReleaseSpec after(String... names) {
    return PLAIN.withAfter(List.of(names));
  }

  @Test
  void what_a_release_waits_for_is_nothing_that_it_tries() {
    assertThat(SpecHash.of(after("router"))).isEqualTo(SpecHash.of(PLAIN));
  }

  @Test
  void what_it_tries_is() {
    ReleaseSpec quicker = PLAIN.withSteps(PLAIN.steps().subList(1, 3));
    assertThat(SpecHash.of(quicker)).isNotEqualTo(SpecHash.of(PLAIN));
    assertThat(SpecHash.of(PLAIN.withBake(BakeSpec.NONE))).isNotEqualTo(SpecHash.of(PLAIN));
  }

  @Test
  void so_is_what_gateways_are_to_ask() {
    var probes =
        new GeneratedTraffic(
            GeneratedTraffic.Source.PROBES, 2, GeneratedTraffic.ProbeApi.CHAT, List.of(), 64);
    String with = SpecHash.of(PLAIN.withTraffic(Optional.of(probes)));
    assertThat(with).isNotEqualTo(SpecHash.of(PLAIN));
  }

  @Test
  void what_is_recorded_is_not() {
    var recording =
        new RecordingSpec(Percentage.of(1), 10, Duration.ofDays(1), "env:KEY", List.of());
    assertThat(SpecHash.of(Resources.traffic().withRecording(Optional.of(recording))))
        .isEqualTo(SpecHash.of(Resources.traffic()));
  }

  /// As it was before releases could wait for each other: what failed then is not tried again by
  /// itself now.
  @Test
  void old_specs_keep_their_hash() {
    assertThat(SpecHash.of(PLAIN))
        .isEqualTo("c486b8702d9fc48d11172e98172ebb9ff595c25fff2440ef625d9020f8ff9f9d");
  }
}
