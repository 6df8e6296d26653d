// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.release.HealthyReleases.Ended;
import dev.weir.model.status.RolloutPhase;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The small form of `./dev bench releases`.
class HealthyReleasesTest {
  @TempDir Path folder;

  @Test
  void healthy_releases_are_promoted_one_after_the_other() {
    List<Ended> ended = HealthyReleases.play(folder, 20_261_123, 12, false);
    assertThat(ended).extracting(Ended::phase).hasSize(12).containsOnly(RolloutPhase.COMPLETED);
  }

  @Test
  void healthy_releases_are_promoted_even_where_nothing_is_tolerated() {
    List<Ended> ended = HealthyReleases.play(folder, 20_261_124, 8, true);
    assertThat(ended).hasSize(8).noneMatch(Ended::reverted);
  }
}
