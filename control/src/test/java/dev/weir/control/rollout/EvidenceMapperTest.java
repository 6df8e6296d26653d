// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.CanaryAnalysis;
import dev.weir.analysis.Cohort;
import dev.weir.analysis.LookResult;
import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.ReleaseMetric;
import dev.weir.control.rollout.AnalysisRunner.AnalysisResult;
import dev.weir.model.view.Evidence;
import dev.weir.model.view.Evidence.MetricEvidence;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EvidenceMapperTest {
  private static final AnalysisPlan GRADED =
      AnalysisPlan.defaults()
          .withGrading(30_000)
          .withMetrics(Map.of(ReleaseMetric.QUALITY, ReleaseMetric.QUALITY.defaults()));

  private static AnalysisResult seen(Observation... answers) {
    CanaryAnalysis analysis = CanaryAnalysis.start(GRADED, BaselineSeed.none());
    analysis.beginStep(0, .5, 0);
    LookResult lookResult =
        analysis.lookResult(
            List.of(new Cohort("c", 0, 0, 5_000, .5, Cohort.ALL_REPORTED, List.of(answers))),
            5_000);
    return new AnalysisResult(lookResult, GRADED, 0, List.of(), List.of(), true);
  }

  private static Observation answer(Arm arm, int grade) {
    return Observation.success(arm, 100_000, 10_000, 900_000).graded(grade);
  }

  @Test
  void quality_is_told_as_the_mean_grade() {
    AnalysisResult analysisResult =
        seen(answer(Arm.CANARY, 900), answer(Arm.CANARY, 800), answer(Arm.CANARY, 1_000));
    MetricEvidence quality = EvidenceMapper.metrics(analysisResult).getFirst();
    assertThat(quality.metric()).isEqualTo("quality");
    assertThat(quality.kind()).isEqualTo("score");
    assertThat(quality.canaryCount()).isEqualTo(3);
    assertThat(quality.canaryBad()).isEqualTo(300);
    assertThat(quality.canaryValue()).isCloseTo(.9, within(1e-12));
    assertThat(quality.baselineValue()).as("nothing graded").isZero();
    assertThat(EvidenceMapper.progress(analysisResult)).matches("quality -?0\\.\\d/3\\.0");
  }

  @Test
  void evidence_of_an_older_version_gets_the_kinds_of_its_metrics() {
    Evidence stored =
        new Evidence(
            "chat-2",
            1,
            Instant.EPOCH,
            0,
            5,
            "Hold",
            "too early",
            List.of(),
            List.of(withoutKind("ttft"), withoutKind("removed"), withoutKind("x").withKind("y")),
            List.of(),
            "{}");
    assertThat(EvidenceMapper.withKinds(stored).metrics())
        .extracting(MetricEvidence::kind)
        .containsExactly("latency", "", "y");
  }

  private static MetricEvidence withoutKind(String metric) {
    return new MetricEvidence(metric, true, 10, 1, 100, 2, .1, .02, .005, .01, 1, 6, 2, 3);
  }
}
