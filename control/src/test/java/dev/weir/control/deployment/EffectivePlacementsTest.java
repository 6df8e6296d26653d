// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.deployment.EffectivePlacements.EffectivePlacement;
import dev.weir.control.deployment.EffectivePlacements.Order;
import dev.weir.model.Resources;
import dev.weir.model.Target;
import dev.weir.model.spec.RolloutSpec.Loan;
import dev.weir.model.spec.ServiceSpec.Placement;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.value.VersionRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EffectivePlacementsTest {
  private static final VersionRef VERSION = new VersionRef("chat", "1");
  private static final Placement ELSEWHERE =
      Resources.external("out", "chat@1", "http://192.0.2.1:8000");

  private static EffectivePlacements of(Placement... placements) {
    Map<String, Target> targets =
        Map.of(
            "a", Resources.target("a"),
            "b", Resources.target("b"),
            "out", Resources.target("out", ProviderType.EXTERNAL));
    return EffectivePlacements.specified(
        Resources.service("chat", VERSION, placements),
        name -> Optional.ofNullable(targets.get(name)));
  }

  private static Placement at(String target, int replicas) {
    return new Placement(target, replicas, Map.of());
  }

  private static List<String> counts(Stream<EffectivePlacement> placements) {
    return placements.map(each -> each.placement().target() + " " + each.wanted()).toList();
  }

  @Test
  void only_existing_targets_whose_provider_starts_replicas_count() {
    EffectivePlacements placements = of(at("a", 2), ELSEWHERE, at("missing", 4), at("b", 3));
    assertThat(placements.total()).isEqualTo(5);
    assertThat(counts(placements.all().stream()))
        .containsExactly("a 2", "out 0", "missing 0", "b 3");
    assertThat(placements.on("b")).isEqualTo(3);
    assertThat(placements.on("out")).isZero();
    assertThat(placements.limits(1)).containsExactlyInAnyOrderEntriesOf(Map.of("a", 3, "b", 4));
  }

  @Test
  void new_replicas_use_the_first_placements_and_old_ones_the_last() {
    EffectivePlacements placements = of(at("a", 2), at("b", 2));
    assertThat(counts(placements.distribute(3, Order.FIRST_PLACEMENTS).stream()))
        .containsExactly("a 2", "b 1");
    assertThat(counts(placements.distribute(3, Order.LAST_PLACEMENTS).stream()))
        .containsExactly("b 2", "a 1");
  }

  @Test
  void replicas_beyond_the_counts_are_left_out() {
    assertThat(counts(of(at("a", 2), ELSEWHERE).distribute(9, Order.FIRST_PLACEMENTS).stream()))
        .containsExactly("a 2", "out 0");
  }

  @Test
  void lent_replicas_are_subtracted_on_their_target() {
    assertThat(counts(kept(of(at("a", 2), at("b", 3)), new Loan("default/chat", "b", 2))))
        .containsExactly("a 2", "b 1");
  }

  /// The Service was scaled down after it lent them.
  @Test
  void one_replica_that_weir_runs_stays_also_beside_external_endpoints() {
    assertThat(counts(kept(of(ELSEWHERE, at("a", 1)), new Loan("default/chat", "a", 2))))
        .containsExactly("out 0", "a 1");
  }

  private static Stream<EffectivePlacement> kept(EffectivePlacements placements, Loan loan) {
    return LentReplicas.kept(placements.all(), List.of(loan)).stream();
  }
}
