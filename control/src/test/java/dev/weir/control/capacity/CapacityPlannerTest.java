// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import static dev.weir.model.spec.ReleaseSpec.Capacity.AUTO;
import static dev.weir.model.spec.ReleaseSpec.Capacity.BORROW;
import static dev.weir.model.spec.ReleaseSpec.Capacity.IN_PLACE;
import static dev.weir.model.spec.ReleaseSpec.Capacity.SURGE;
import static dev.weir.model.status.RolloutPhase.COMPLETED;
import static dev.weir.model.status.RolloutPhase.PENDING;
import static dev.weir.model.status.RolloutPhase.PROVISIONING;
import static dev.weir.model.status.RolloutPhase.ROLLING_BACK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.capacity.CapacityPlan.Borrow;
import dev.weir.control.capacity.CapacityPlan.InPlace;
import dev.weir.control.capacity.CapacityPlan.Refused;
import dev.weir.control.capacity.CapacityPlan.Surge;
import dev.weir.model.Resources;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.Strategy;
import dev.weir.model.spec.RolloutSpec.Loan;
import dev.weir.model.spec.RolloutSpec.Room;
import dev.weir.model.spec.RolloutSpec.Scale;
import dev.weir.model.spec.ServiceSpec.Placement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CapacityPlannerTest {
  /// Eight of them, of which `chat` has six and `embed` two.
  private static CapacityFixture full() {
    return new CapacityFixture()
        .target("gpu-a", "H100", 8)
        .version("chat", "1", "H100", 2)
        .version("chat", "2", "h100", 2)
        .version("embed", "1", "H100", 1)
        .version("embed", "2", "H100", 1)
        .serving("chat", "gpu-a", 3)
        .serving("embed", "gpu-a", 2);
  }

  private static String why(CapacityPlan plan) {
    return plan instanceof Refused(String why) ? why : "not refused: " + plan.text();
  }

  private static ReleaseSpec strategy(Strategy strategy) {
    ReleaseSpec plain = Resources.release();
    return new ReleaseSpec(strategy, plain.steps(), plain.analysis());
  }

  @Test
  void what_fits_beside_the_old_ones_surges() {
    CapacityFixture floor = full().target("gpu-a", "H100", 14);
    assertThat(floor.plan("chat", AUTO)).isEqualTo(new Surge(List.of()));
    assertThat(floor.plan("chat", SURGE)).isEqualTo(new Surge(List.of()));
    assertThat(floor.plan("chat", BORROW)).isEqualTo(new Surge(List.of()));
    assertThat(full().target("gpu-a", "H100", 13).plan("chat", SURGE)).isInstanceOf(Refused.class);
  }

  @Test
  void what_does_not_goes_in_place_and_says_what_it_costs() {
    CapacityPlan plan = full().plan("chat", AUTO);
    // Steps of 1, 5, 25 and 50 % of three replicas: one new, one new, one new, two new.
    assertThat(plan)
        .isEqualTo(
            new InPlace(
                34,
                Duration.ofMinutes(10),
                "needs 6 more H100 on gpu-a; 8 of 8 H100 on gpu-a are in use: default/chat 6,"
                    + " default/embed 2"));
    assertThat(plan.text())
        .startsWith(
            "in place: new replicas replace old ones; up to 34 % of the replicas are"
                + " missing for up to 10m each time. A surge needs 6 more H100");
  }

  @Test
  void surge_that_was_asked_for_is_refused_with_the_numbers() {
    assertThat(why(full().plan("chat", SURGE)))
        .isEqualTo(
            "needs 6 more H100 on gpu-a; 8 of 8 H100 on gpu-a are in use: default/chat 6,"
                + " default/embed 2");
  }

  @Test
  void a_single_replica_is_never_replaced_in_place_by_itself() {
    CapacityFixture floor = full().serving("chat", "gpu-a", 1).target("gpu-a", "H100", 4);
    assertThat(why(floor.plan("chat", AUTO)))
        .isEqualTo(
            "needs 2 more H100 on gpu-a; 4 of 4 H100 on gpu-a are in use: default/chat 2,"
                + " default/embed 2; no other Service lends any there; in place, no replica"
                + " would serve during the release, which only release.capacity inPlace allows");
    assertThat(floor.plan("chat", IN_PLACE))
        .isEqualTo(new InPlace(100, Duration.ofMinutes(10), ""));
    floor.lending("embed", 1, 0);
    assertThat(floor.plan("chat", AUTO)).isInstanceOf(Refused.class);
    floor.serving("embed", "gpu-a", 3).lending("embed", 2, 0).target("gpu-a", "H100", 5);
    assertThat(floor.plan("chat", AUTO))
        .isInstanceOfSatisfying(
            Borrow.class,
            borrow ->
                assertThat(borrow.loans()).containsExactly(new Loan("default/embed", "gpu-a", 2)));
  }

  @Test
  void a_version_that_needs_more_does_not_fit_in_place() {
    CapacityFixture floor = full().version("chat", "2", "H100", 4);
    assertThat(why(floor.plan("chat", IN_PLACE))).startsWith("needs 6 more H100 on gpu-a");
    assertThat(floor.version("chat", "2", "H100", 1).plan("chat", IN_PLACE))
        .isInstanceOf(InPlace.class);
  }

  @Test
  void a_full_second_set_has_no_place_in_place() {
    assertThat(why(full().plan("chat", strategy(Strategy.BLUE_GREEN))))
        .startsWith("needs 6 more H100");
    assertThat(full().plan("chat", strategy(Strategy.RECREATE))).isEqualTo(new Surge(List.of()));
    assertThat(full().plan("chat", strategy(Strategy.ROLLING))).isInstanceOf(InPlace.class);
    assertThat(full().target("gpu-a", "H100", 10).plan("chat", strategy(Strategy.ROLLING)))
        .as("one replica at a time is all it wants beside the old ones")
        .isEqualTo(new Surge(List.of()));
  }

  @Test
  void an_undo_takes_the_places_of_what_it_replaces_where_there_are_no_others() {
    ReleaseSpec undo = strategy(Strategy.BLUE_GREEN);
    assertThat(full().undo("chat", undo))
        .isInstanceOfSatisfying(
            InPlace.class, plan -> assertThat(plan.missingPercent()).isEqualTo(34));
    assertThat(full().target("gpu-a", "H100", 14).undo("chat", undo))
        .isEqualTo(new Surge(List.of()));
    assertThat(why(full().undo("chat", undo.withCapacity(SURGE)))).startsWith("needs 6 more H100");
    assertThat(full().undo("chat", strategy(Strategy.RECREATE))).isEqualTo(new Surge(List.of()));
  }

  @Test
  void the_least_important_lend_first_and_each_keeps_one() {
    CapacityFixture floor =
        new CapacityFixture()
            .target("gpu-a", "gpus", 8)
            .version("chat", "1", "H100", 1)
            .version("chat", "2", "H100", 1)
            .version("batch", "1", "A100", 1)
            .version("embed", "1", "L4", 1)
            .serving("chat", "gpu-a", 2)
            .serving("batch", "gpu-a", 2)
            .serving("embed", "gpu-a", 4)
            .lending("embed", 3, 5)
            .lending("batch", 2, -5);
    assertThat(floor.plan("chat", BORROW))
        .isEqualTo(
            new Borrow(
                List.of(
                    new Loan("default/batch", "gpu-a", 1), new Loan("default/embed", "gpu-a", 1)),
                "needs 2 more GPUs on gpu-a; 8 of 8 GPUs on gpu-a are in use: default/batch 2,"
                    + " default/chat 2, default/embed 4"));
    floor.lending("embed", 0, 0);
    assertThat(why(floor.plan("chat", BORROW))).endsWith("; other Services lend 1 there");
  }

  @Test
  void what_is_lent_already_and_what_is_released_itself_is_not_lent_again() {
    CapacityFixture floor =
        full()
            .version("batch", "1", "H100", 1)
            .version("batch", "2", "H100", 1)
            .target("gpu-a", "H100", 12)
            .serving("batch", "gpu-a", 4)
            .lending("batch", 3, 0);
    floor.releasing(
        "embed",
        PROVISIONING,
        new Scale(2, 1, Room.SURGE, List.of(new Loan("default/batch", "gpu-a", 2))));
    assertThat(floor.pool("gpu-a", "H100").used())
        .isEqualTo(Map.of("default/chat", 6, "default/embed", 4, "default/batch", 2));
    assertThat(why(floor.plan("chat", BORROW))).endsWith("; other Services lend 1 there");
    floor.releasing("batch", PROVISIONING, Scale.ONE);
    assertThat(why(floor.plan("chat", BORROW))).endsWith("; no other Service lends any there");
  }

  @Test
  void a_release_has_its_room_from_its_beginning_to_its_end() {
    CapacityFixture floor = full().target("gpu-a", "H100", 14);
    Scale scale = new Scale(2, 1, Room.SURGE);
    assertThat(floor.releasing("embed", PENDING, scale).plan("chat", SURGE))
        .isInstanceOf(Surge.class);
    assertThat(floor.releasing("embed", PROVISIONING, scale).plan("chat", SURGE))
        .isInstanceOf(Refused.class);
    assertThat(floor.releasing("embed", ROLLING_BACK, scale).plan("chat", SURGE))
        .isInstanceOf(Refused.class);
    assertThat(floor.releasing("embed", COMPLETED, scale).plan("chat", SURGE))
        .isInstanceOf(Surge.class);
    assertThat(
            floor
                .releasing("embed", PROVISIONING, new Scale(2, 1, Room.IN_PLACE))
                .plan("chat", SURGE))
        .isInstanceOf(Surge.class);
  }

  @Test
  void what_a_target_does_not_count_is_taken_for_granted_and_said() {
    CapacityFixture floor = full().target("gpu-a", Map.of());
    assertThat(floor.plan("chat", AUTO)).isEqualTo(new Surge(List.of("gpu-a")));
    assertThat(floor.plan("chat", AUTO).text())
        .isEqualTo(
            "surge: capacity of Target gpu-a is not known, so Weir assumes that it is enough");
    assertThat(full().target("gpu-a", "A100", 1).plan("chat", AUTO))
        .isEqualTo(new Surge(List.of("gpu-a")));
  }

  @Test
  void versions_without_accelerators_are_counted_by_replica() {
    CapacityFixture floor =
        new CapacityFixture()
            .target("cpu", "replicas", 3)
            .version("chat", "1")
            .version("chat", "2")
            .serving("chat", "cpu", 2);
    assertThat(why(floor.plan("chat", SURGE)))
        .isEqualTo(
            "needs 1 more replicas on cpu; 2 of 3 replicas on cpu are in use: default/chat 2");
  }

  @Test
  void each_target_must_have_room_and_old_and_new_stand_apart() {
    CapacityFixture floor =
        full()
            .target("gpu-b", "H100", 4)
            .serving(
                "chat", new Placement("gpu-a", 3, Map.of()), new Placement("gpu-b", 2, Map.of()));
    assertThat(why(floor.plan("chat", SURGE)))
        .startsWith("needs 6 more H100 on gpu-a; ")
        .contains("; needs 4 more H100 on gpu-b; 4 of 4 H100 on gpu-b");
    assertThat(floor.plan("chat", IN_PLACE)).isInstanceOf(InPlace.class);
  }

  @Test
  void a_target_that_shrank_lets_a_service_have_what_it_has() {
    CapacityFixture floor = full().target("gpu-a", "H100", 4);
    assertThat(floor.plan("chat", IN_PLACE)).isInstanceOf(InPlace.class);
    assertThat(floor.plan("chat", SURGE)).isInstanceOf(Refused.class);
  }
}
