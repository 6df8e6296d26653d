// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.ReleaseMetric;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Canaries whose caches are colder than the baseline's: more of their prompts are processed from
/// the beginning.
class PrefillStrataTest {
  private static final AnalysisPlan PLAN = AnalysisPlan.defaults().withDispersion(1);
  private static final double WEIGHT = .1;
  private static final int PER_SLICE = 200;
  private static final int COLD = 3_000;
  private static final int WARM = 100;

  /// @param coldCanary share of the canary's prompts that it has not cached; the baseline's is a
  ///   fifth
  /// @param slowdown of the canary with equal prompts
  /// @param known whether gateways report the expected prefill
  private record Traffic(double coldCanary, double slowdown, boolean known) {
    Cohort cohort(long slice, Random random) {
      List<Observation> seen = new ArrayList<>();
      for (int i = 0; i < PER_SLICE; i++) {
        seen.add(request(random.nextDouble() < WEIGHT ? Arm.CANARY : Arm.BASELINE, random));
      }
      return new SyntheticTraffic(0, WEIGHT, PER_SLICE).cohort(slice, seen);
    }

    private Observation request(Arm arm, Random random) {
      boolean canary = arm == Arm.CANARY;
      boolean cold = random.nextDouble() < (canary ? coldCanary : .2);
      double seconds = (cold ? .3 : .08) * Math.exp(.4 * random.nextGaussian());
      long ttft = Math.round(1e6 * seconds * (canary ? slowdown : 1));
      return Observation.success(arm, ttft, 30_000, ttft + 3_000_000)
          .withPrefillTokens(known ? cold ? COLD : WARM : 0);
    }
  }

  private static Optional<ReleaseMetric> revertedBy(Traffic traffic, long seed) {
    CanaryAnalysis analysis = begun();
    Random random = new Random(seed);
    for (int slice = 0; slice < 120; slice++) {
      if (look(analysis, traffic, slice, random).verdict() instanceof Verdict.Revert revert) {
        return Optional.of(revert.metric());
      }
    }
    return Optional.empty();
  }

  private static CanaryAnalysis begun() {
    CanaryAnalysis analysis = CanaryAnalysis.start(PLAN, BaselineSeed.none());
    analysis.beginStep(1, WEIGHT, 0);
    return analysis;
  }

  private static LookResult look(
      CanaryAnalysis analysis, Traffic traffic, int slice, Random random) {
    Cohort cohort = traffic.cohort(slice, random);
    return analysis.lookResult(List.of(cohort), cohort.endMillis());
  }

  @Test
  void colder_caches_alone_do_not_revert() {
    for (long seed = 0; seed < 20; seed++) {
      assertThat(revertedBy(new Traffic(.7, 1, true), seed)).isEmpty();
    }
  }

  @Test
  void they_would_if_nothing_were_known_of_the_prompts() {
    assertThat(revertedBy(new Traffic(.7, 1, false), 1)).contains(ReleaseMetric.TTFT);
  }

  @Test
  void a_canary_that_is_slower_with_equal_prompts_is_found_whatever_its_caches() {
    assertThat(revertedBy(new Traffic(.7, 1.4, true), 1)).contains(ReleaseMetric.TTFT);
    assertThat(revertedBy(new Traffic(.1, 1.4, true), 2)).contains(ReleaseMetric.TTFT);
  }

  @Test
  void a_restored_state_continues_with_the_same_evidence() {
    Traffic traffic = new Traffic(.4, 1.1, true);
    CanaryAnalysis whole = begun();
    CanaryAnalysis restored = begun();
    Random one = new Random(3);
    Random other = new Random(3);
    for (int slice = 0; slice < 20; slice++) {
      restored = CanaryAnalysis.restore(restored.toJson());
      assertThat(look(restored, traffic, slice, other).evidence())
          .isEqualTo(look(whole, traffic, slice, one).evidence());
    }
  }

  @Test
  void a_rollout_of_the_previous_version_keeps_one_stratum() {
    CanaryAnalysis migrated = CanaryAnalysis.restore(seventh(begun()));
    CanaryAnalysis unknown = begun();
    Random one = new Random(4);
    Random other = new Random(4);
    for (int slice = 0; slice < 20; slice++) {
      double expected = harm(look(unknown, new Traffic(.7, 1, false), slice, one));
      assertThat(harm(look(migrated, new Traffic(.7, 1, true), slice, other))).isEqualTo(expected);
    }
  }

  /// The state as version 7 wrote it.
  private static String seventh(CanaryAnalysis analysis) {
    ObjectNode state = (ObjectNode) JsonMapper.shared().readTree(analysis.toJson());
    state.put("version", 7);
    for (JsonNode track : state.path("tracks")) {
      if (track.path("signal").path("detector") instanceof ObjectNode detector) {
        detector.remove("strata");
      }
    }
    return state.toString();
  }

  private static double harm(LookResult result) {
    return Objects.requireNonNull(result.evidence().metrics().get(ReleaseMetric.TTFT))
        .harm()
        .logE();
  }
}
