// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.Policy;
import dev.weir.model.codec.Manifests;
import dev.weir.model.codec.ParsedManifests;
import dev.weir.model.spec.PolicySpec;
import dev.weir.model.spec.PolicySpec.OnRunning;
import dev.weir.model.spec.PolicySpec.Weekday;
import dev.weir.model.value.Problem;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyRulesTest {
  private static final String HEAD =
      "{apiVersion: weir.dev/v1, kind: Policy, metadata: {name: calm}, spec: ";

  private static List<String> problems(String spec) {
    ParsedManifests parsed = Manifests.read(HEAD + spec + "}");
    List<Problem> problems =
        parsed.ok() ? ResourceChecks.of(parsed.resources().getFirst()) : parsed.problems();
    return problems.stream().map(Problem::toString).toList();
  }

  private static List<String> weekly(String window) {
    return problems("{freeze: [{name: a, weekly: " + window + "}]}");
  }

  @Test
  void a_policy_reads_as_people_write_it() {
    ParsedManifests parsed =
        Manifests.read(
            """
            apiVersion: weir.dev/v1
            kind: Policy
            metadata: {name: calm}
            spec:
              namespaces: [search]
              freeze:
                - name: nights
                  weekly: {days: [fri, sat], from: 18:00, to: 08:00, timezone: Europe/Berlin}
                - {name: launch, from: 2026-05-01T08:00:00Z, until: 2026-05-03T08:00:00Z, onRunning: pause}
              maxConcurrentRollouts: {perTarget: 1}
            """);
    assertThat(parsed.problems()).isEmpty();
    PolicySpec policy = ((Policy) parsed.resources().getFirst()).spec();
    assertThat(ResourceChecks.of(parsed.resources().getFirst())).isEmpty();
    assertThat(policy.freeze().getFirst().weekly().orElseThrow())
        .isEqualTo(
            new PolicySpec.Weekly(
                List.of(Weekday.FRIDAY, Weekday.SATURDAY), "18:00", "08:00", "Europe/Berlin"));
    assertThat(policy.freeze().getFirst().onRunning()).isEqualTo(OnRunning.CONTINUE);
    assertThat(policy.freeze().getLast().onRunning()).isEqualTo(OnRunning.PAUSE);
    assertThat(policy.maxConcurrentRollouts())
        .isEqualTo(new PolicySpec.ConcurrentRollouts(1, 0, Duration.ofHours(1)));
    assertThat(policy.about("search")).isTrue();
    assertThat(policy.about("default")).isFalse();
  }

  @Test
  void a_freeze_is_weekly_or_comes_once() {
    String once = "from: 2026-05-01T08:00:00Z, until: 2026-05-03T08:00:00Z";
    String wrong = "spec.freeze[0] = a: must have either weekly, or from and until";
    assertThat(problems("{freeze: [{name: a, " + once + "}]}")).isEmpty();
    assertThat(problems("{freeze: [{name: a, weekly: {}, " + once + "}]}")).containsExactly(wrong);
    assertThat(problems("{freeze: [{name: a}]}")).containsExactly(wrong);
    assertThat(problems("{freeze: [{name: a, from: 2026-05-01T08:00:00Z}]}"))
        .containsExactly(wrong);
    assertThat(
            problems(
                "{freeze: [{name: a, from: 2026-05-03T08:00:00Z, until: 2026-05-01T08:00:00Z}]}"))
        .containsExactly("spec.freeze[0].until = 2026-05-01T08:00:00Z: must be later than from");
  }

  @Test
  void times_zones_and_names_must_make_sense() {
    assertThat(weekly("{}")).isEmpty();
    assertThat(weekly("{from: 22:00, to: 06:00}")).isEmpty();
    assertThat(weekly("{from: 24:00, to: 06:00}")).hasSize(1);
    assertThat(weekly("{from: 7:00}")).hasSize(1);
    assertThat(weekly("{timezone: Europe/Atlantis}"))
        .singleElement()
        .asString()
        .contains("must be a time zone such as Europe/Berlin");
    assertThat(weekly("{from: 06:00, to: 06:00}"))
        .containsExactly(
            "spec.freeze[0].weekly.to = 06:00: must differ from `from`; a whole day is 00:00"
                + " to 24:00");
    assertThat(problems("{freeze: [{name: a, weekly: {}}, {name: a, weekly: {}}]}"))
        .containsExactly("spec.freeze[1].name = a: is already the name of another freeze");
  }
}
