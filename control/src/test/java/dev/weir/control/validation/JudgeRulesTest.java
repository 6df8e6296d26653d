// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.Resource;
import dev.weir.model.Resources;
import dev.weir.model.Service;
import dev.weir.model.spec.GradingSpec;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ServiceSpec;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Percentage;
import dev.weir.model.value.Problem;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.value.VersionRef;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JudgeRulesTest {
  private static final Service JUDGE = Resources.service("umpire", new VersionRef("umpire", "1"));

  private static List<Problem> check(String judge) {
    Service plain = Resources.service("chat", new VersionRef("chat", "1"));
    ServiceSpec spec = plain.spec();
    ReleaseSpec release = spec.release();
    var grading = new GradingSpec(judge, Percentage.of(20), "", Duration.ofSeconds(60), 16);
    ReleaseSpec graded =
        new ReleaseSpec(release.strategy(), release.steps(), release.analysis().graded(grading));
    return JudgeRules.check(
        plain.withSpec(new ServiceSpec(spec.version(), spec.placements(), graded, spec.traffic())),
        new ResourceLookup() {
          @Override
          public Optional<Resource> get(ResourceRef ref) {
            return ref.equals(JUDGE.ref()) ? Optional.of(JUDGE) : Optional.empty();
          }

          @Override
          public List<Resource> list(Kind kind, String namespace) {
            return List.of();
          }
        });
  }

  @Test
  void a_judge_is_another_service_that_is_there() {
    assertThat(check("umpire")).isEmpty();
    assertThat(check("nobody"))
        .singleElement()
        .satisfies(problem -> {
          assertThat(problem.path()).isEqualTo("spec.release.analysis.grading.judge");
          assertThat(problem.message()).contains("create it first, or apply both together");
        });
    assertThat(check("chat"))
        .singleElement()
        .satisfies(problem -> assertThat(problem.message()).contains("is this Service itself"));
  }
}
