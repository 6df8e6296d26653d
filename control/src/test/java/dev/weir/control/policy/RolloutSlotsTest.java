// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.policy;

import static dev.weir.control.policy.PolicyFixture.NOW;
import static dev.weir.model.status.RolloutPhase.PAUSED;
import static dev.weir.model.status.RolloutPhase.PENDING;
import static dev.weir.model.status.RolloutPhase.PROGRESSING;
import static dev.weir.model.status.RolloutPhase.ROLLED_BACK;
import static dev.weir.model.status.RolloutPhase.ROLLING_BACK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.Policy;
import dev.weir.model.Resources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RolloutSlotsTest {
  private static final Policy ONE_EACH = Resources.policy("gentle", List.of(), 1, 0);

  @Test
  void a_target_with_a_free_place_lets_one_begin() {
    PolicyFixture board = new PolicyFixture().put(ONE_EACH);
    board.releasing("a", PENDING, 3, "gpu-a").releasing("b", PROGRESSING, 9, "gpu-b");
    assertThat(board.holds("a")).isEmpty();
  }

  @Test
  void who_waits_is_told_for_whom() {
    PolicyFixture board = new PolicyFixture().put(ONE_EACH);
    board.releasing("a", PENDING, 3, "gpu-a").releasing("b", PROGRESSING, 9, "gpu-b", "gpu-a");
    assertThat(board.holds("a"))
        .containsExactly(
            "waiting for a slot on target gpu-a: 1 of 1 taken by default/b-1 (Progressing)"
                + " (policy gentle)");
  }

  @Test
  void places_are_given_in_the_order_of_creation() {
    PolicyFixture board = new PolicyFixture().put(Resources.policy("gentle", List.of(), 0, 2));
    board.releasing("c", PENDING, 1, "x").releasing("b", PENDING, 2, "x");
    board.releasing("a", PENDING, 3, "x").releasing("z", ROLLING_BACK, 9, "x");
    assertThat(board.holds("a")).isEmpty();
    assertThat(board.holds("b")).singleElement().asString().contains("1 of 2 taken by default/z-1");
    assertThat(board.holds("c"))
        .singleElement()
        .asString()
        .contains("ahead in the queue: default/a-1 (Pending), default/b-1 (Pending)");
  }

  @Test
  void who_needs_many_targets_is_not_overtaken_for_ever() {
    PolicyFixture board = new PolicyFixture().put(ONE_EACH);
    board.releasing("wide", PENDING, 9, "x", "y").releasing("busy", PROGRESSING, 20, "x");
    board.releasing("narrow", PENDING, 1, "y");
    assertThat(board.holds("narrow")).singleElement().asString().contains("default/wide-1");
  }

  @Test
  void what_is_over_has_no_place_and_what_is_paused_gives_its_up() {
    PolicyFixture board = new PolicyFixture().put(ONE_EACH);
    board.releasing("a", PENDING, 3, "x").releasing("b", ROLLED_BACK, 9, "x");
    assertThat(board.holds("a")).isEmpty();

    board.releasing("c", PAUSED, 3_000, "x");
    assertThat(board.holds("a")).isNotEmpty();
    assertThat(board.holds("a", NOW.plus(Duration.ofMinutes(10)))).isEmpty();
  }

  @Test
  void who_could_not_begin_anyway_is_not_in_the_queue() {
    PolicyFixture board = new PolicyFixture().put(ONE_EACH);
    board.releasing("a", PENDING, 3, "x").releasing("lost", PENDING, 9, "x");
    assertThat(board.holds("a")).isNotEmpty();
    board.put(Resources.service("lost", PolicyFixture.ONE));
    assertThat(board.holds("a")).isEmpty();
  }

  /// Whoever comes and goes: never more than there are places, and everybody begins at last.
  @Test
  void nobody_starves_and_no_place_is_given_twice() {
    PolicyFixture board = new PolicyFixture().put(ONE_EACH);
    List<List<String>> wants = List.of(List.of("x"), List.of("x", "y"), List.of("y"), List.of("z"));
    for (int i = 0; i < 40; i++) {
      String[] targets = wants.get(i % wants.size()).toArray(String[]::new);
      board.releasing("s" + i, PENDING, 1_000 - i, targets);
    }
    int rounds = 0;
    for (int left = 40; left > 0; rounds++) {
      List<Integer> begun = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        boolean pending = board.rollout("s" + i).status().phase() == PENDING;
        if (pending && board.holds("s" + i).isEmpty()) {
          board.releasing("s" + i, PROGRESSING, 1, wants.get(i % 4).toArray(String[]::new));
          begun.add(i);
        }
      }
      List<String> taken = begun.stream().flatMap(i -> wants.get(i % 4).stream()).toList();
      assertThat(taken).doesNotHaveDuplicates().isNotEmpty();
      begun.forEach(
          i -> board.releasing("s" + i, ROLLED_BACK, 1, wants.get(i % 4).toArray(String[]::new)));
      left -= begun.size();
    }
    assertThat(rounds).isLessThanOrEqualTo(40);
  }
}
