// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.weir.analysis.metric.ReleaseMetric;
import java.util.List;

/// The verdict on the current step. `Continue` and `Hold` change nothing.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "verdict")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Verdict.Continue.class, name = "continue"),
  @JsonSubTypes.Type(value = Verdict.Climb.class, name = "climb"),
  @JsonSubTypes.Type(value = Verdict.StepDown.class, name = "stepDown"),
  @JsonSubTypes.Type(value = Verdict.Promote.class, name = "promote"),
  @JsonSubTypes.Type(value = Verdict.Revert.class, name = "revert"),
  @JsonSubTypes.Type(value = Verdict.Hold.class, name = "hold"),
  @JsonSubTypes.Type(value = Verdict.Inconclusive.class, name = "inconclusive")
})
public sealed interface Verdict {

  /// Neither proven harmful nor proven safe yet.
  ///
  /// @param waitingFor what promotion still requires, one line each, in human-readable form
  record Continue(List<String> waitingFor) implements Verdict {
    public Continue {
      waitingFor = List.copyOf(waitingFor);
    }
  }

  /// The evidence allows a larger weight of the ramp.
  ///
  /// @param step the step of the present weight
  /// @param to the step of the largest allowed weight, above `step`
  /// @param failureBound upper bound of the share of canary requests that fail because of the
  ///   version, in (0, 1]
  record Climb(int step, int to, double failureBound) implements Verdict {}

  /// A metric has looked harmful for a while: return to the previous weight of the ramp.
  ///
  /// @param step the step of the present weight
  /// @param metric the metric closest to its threshold
  /// @param logE its evidence, natural log
  /// @param threshold the threshold of the evidence
  record StepDown(int step, ReleaseMetric metric, double logE, double threshold)
      implements Verdict {}

  /// Every gating metric is proven within its margin: leave this step.
  ///
  /// @param step the step that passed
  /// @param provenBy the gating metrics
  record Promote(int step, List<ReleaseMetric> provenBy) implements Verdict {
    public Promote {
      provenBy = List.copyOf(provenBy);
    }
  }

  /// A metric is proven worse than its tolerance.
  ///
  /// @param metric the one furthest beyond its threshold
  /// @param logE its evidence, natural log
  /// @param threshold the threshold of the evidence
  /// @param crossed every metric beyond its threshold at this look, `metric` first
  record Revert(ReleaseMetric metric, double logE, double threshold, List<ReleaseMetric> crossed)
      implements Verdict {
    public Revert {
      crossed = List.copyOf(crossed);
    }
  }

  /// The rollout must not advance; see the reasons.
  record Hold(List<HoldReason> reasons) implements Verdict {
    public Hold {
      reasons = List.copyOf(reasons);
    }
  }

  /// The step's time is over without a verdict. The policy decides what happens, never a silent
  /// promotion.
  ///
  /// @param reason what was missing, in human-readable form
  record Inconclusive(String reason) implements Verdict {}
}
