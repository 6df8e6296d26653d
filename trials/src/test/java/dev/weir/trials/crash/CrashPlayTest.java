// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.crash.CrashPoint;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class CrashPlayTest {
  @Test
  void every_crash_point_is_died_at_in_a_play() {
    assertThat(Arrays.stream(CrashPlay.values()).flatMap(play -> play.points().stream()))
        .hasSameElementsAs(CrashPoint.all());
  }
}
