// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.summary;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.analysis.AnalysisPlan;
import dev.weir.analysis.Forecast;
import dev.weir.analysis.metric.BaselineSeed;
import dev.weir.analysis.proof.RampPlan;
import dev.weir.model.Resources;
import dev.weir.model.Service;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.RampSpec;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.AdviceView;
import dev.weir.model.view.AdviceView.Setting;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReleaseAdviceTest {
  private static final Service SERVICE = Resources.service("chat", new VersionRef("chat", "1"));

  private static AdviceView advice(double requestsPerSecond) {
    return ReleaseAdvice.of(
        SERVICE, (_, release) -> Optional.of(forecast(release, requestsPerSecond)));
  }

  private static Forecast forecast(ReleaseSpec release, double requestsPerSecond) {
    RampSpec ramp = release.effectiveRamp();
    List<Double> weights = ramp.effectiveWeights().stream().map(w -> w / 100).toList();
    AnalysisPlan plan =
        AnalysisPlan.defaults()
            .withRamp(new RampPlan(weights, ramp.minDwell().toMillis(), ramp.exposure(), 6_500));
    return new Forecast(plan, BaselineSeed.none(), requestsPerSecond);
  }

  @Test
  void it_compares_time_and_bad_answers_of_three_settings() {
    AdviceView advice = advice(10);
    assertThat(advice.service()).isEqualTo("default/chat");
    assertThat(advice.settings())
        .extracting(Setting::name)
        .containsExactly("cautious", "default", "fast");
    Setting cautious = advice.settings().getFirst();
    Setting usual = advice.settings().get(1);
    Setting fast = advice.settings().getLast();
    assertThat(cautious.largestPercent()).isEqualTo(20);
    assertThat(cautious.badAnswersAtTop()).isLessThan(usual.badAnswersAtTop());
    assertThat(cautious.secondsToProve().orElseThrow())
        .isGreaterThan(usual.secondsToProve().orElseThrow());
    assertThat(fast.secondsToProve().orElseThrow())
        .isLessThanOrEqualTo(usual.secondsToProve().orElseThrow());
    assertThat(usual.secondsToPromote().orElseThrow() - usual.secondsToProve().orElseThrow())
        .as("the bake")
        .isEqualTo(SERVICE.spec().release().bake().duration().toMillis() / 1000.0);
    assertThat(usual.badAnswersAtTop()).as("10/s x 50 % x 6.5 s").isEqualTo(32.5);
    assertThat(usual.release()).isEmpty();
    assertThat(fast.release()).isEqualTo("ramp: {max: 50, minDwell: 10s, exposure: 100}");
  }

  @Test
  void it_recommends_what_the_traffic_allows() {
    assertThat(advice(1_000).recommended()).contains("cautious");
    assertThat(advice(2).recommended()).contains("default");
    assertThat(advice(.2).recommended()).contains("fast");
    assertThat(advice(2).reason()).startsWith("The default bounds the harm");
  }

  @Test
  void generated_requests_alone_are_enough_for_advice() {
    AdviceView advice =
        ReleaseAdvice.of(
            SERVICE,
            (_, release) ->
                Optional.of(new Forecast(forecast(release, 1).plan(), BaselineSeed.none(), 0, 10)));
    assertThat(advice.recommended()).isPresent();
    assertThat(advice.settings()).allMatch(each -> each.secondsToProve().isPresent());
  }

  @Test
  void without_requests_it_says_what_to_do() {
    AdviceView none = advice(0);
    assertThat(none.recommended()).isEmpty();
    assertThat(none.reason()).contains("weir traffic chat", "release.traffic");
    AdviceView unserved = ReleaseAdvice.of(SERVICE, (_, _) -> Optional.empty());
    assertThat(unserved.settings()).isEmpty();
    assertThat(unserved.traffic()).isEqualTo("no version of the Service serves yet");
  }
}
