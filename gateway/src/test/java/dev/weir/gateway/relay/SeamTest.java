// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.exchange.Terms;
import dev.weir.gateway.relay.Seam.Sight;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeamTest {
  private static Seam seam(String said, String... stops) {
    return new Seam(said, new Terms(false, false, -1, false, List.of(stops), false));
  }

  @Test
  void without_stop_strings_there_is_nothing_to_look_for() {
    assertThat(seam("so far").look(" and on")).isEqualTo(Sight.CLEAR);
  }

  @Test
  void a_stop_string_across_the_seam_is_found_piece_by_piece() {
    Seam seam = seam("the E", "END", "no");
    assertThat(seam.look("N")).isEqualTo(Sight.OPEN);
    assertThat(seam.look("D of it")).isEqualTo(Sight.STOPPED);
    assertThat(seam.stop()).isEqualTo("END");
    assertThat(seam.stopAfterSeam()).isEqualTo("ND");
  }

  @Test
  void what_only_began_like_a_stop_string_goes_on() {
    Seam seam = seam("the E", "END");
    assertThat(seam.look("N")).isEqualTo(Sight.OPEN);
    assertThat(seam.look("T")).isEqualTo(Sight.CLEAR);
    assertThat(seam.look("END")).isEqualTo(Sight.CLEAR);
  }

  @Test
  void a_stop_string_on_either_side_is_the_engines_own_matter() {
    Seam seam = seam("END", "END");
    assertThat(seam.look(" END")).isEqualTo(Sight.CLEAR);
    assertThat(seam.stop()).isEmpty();
  }

  @Test
  void the_shorter_of_two_begun_ones_may_stop_it() {
    Seam seam = seam("a#", "###", "##");
    assertThat(seam.look("#")).isEqualTo(Sight.STOPPED);
    assertThat(seam.stop()).isEqualTo("##");
  }
}
