// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.exchange.answer.ResumeConstraints;
import dev.weir.gateway.relay.ResumeBoundary.State;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResumeBoundaryTest {
  private static ResumeBoundary resumeBoundary(String textSoFar, String... stops) {
    return new ResumeBoundary(
        textSoFar, new ResumeConstraints(false, false, -1, false, List.of(stops), false));
  }

  @Test
  void without_stop_strings_no_search_is_needed() {
    assertThat(resumeBoundary("so far").append(" and on")).isEqualTo(State.CLEAR);
  }

  @Test
  void a_stop_string_across_the_boundary_is_found_piece_by_piece() {
    ResumeBoundary resumeBoundary = resumeBoundary("the E", "END", "no");
    assertThat(resumeBoundary.append("N")).isEqualTo(State.OPEN);
    assertThat(resumeBoundary.append("D of it")).isEqualTo(State.STOPPED);
    assertThat(resumeBoundary.stop()).isEqualTo("END");
    assertThat(resumeBoundary.stopAfterSeam()).isEqualTo("ND");
  }

  @Test
  void text_that_only_begins_like_a_stop_string_continues() {
    ResumeBoundary resumeBoundary = resumeBoundary("the E", "END");
    assertThat(resumeBoundary.append("N")).isEqualTo(State.OPEN);
    assertThat(resumeBoundary.append("T")).isEqualTo(State.CLEAR);
    assertThat(resumeBoundary.append("END")).isEqualTo(State.CLEAR);
  }

  @Test
  void a_stop_string_entirely_on_one_side_is_left_to_the_engine() {
    ResumeBoundary resumeBoundary = resumeBoundary("END", "END");
    assertThat(resumeBoundary.append(" END")).isEqualTo(State.CLEAR);
    assertThat(resumeBoundary.stop()).isEmpty();
  }

  @Test
  void the_shorter_of_two_partial_stop_strings_may_end_the_answer() {
    ResumeBoundary resumeBoundary = resumeBoundary("a#", "###", "##");
    assertThat(resumeBoundary.append("#")).isEqualTo(State.STOPPED);
    assertThat(resumeBoundary.stop()).isEqualTo("##");
  }
}
