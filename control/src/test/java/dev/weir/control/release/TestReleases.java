// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.release;

import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.BakeSpec;
import dev.weir.model.spec.ReleaseSpec.BlueGreenSpec;
import dev.weir.model.spec.ReleaseSpec.RampSpec;
import dev.weir.model.spec.ReleaseSpec.RollingSpec;
import dev.weir.model.spec.ReleaseSpec.ShadowSpec;
import dev.weir.model.spec.ReleaseSpec.Step;
import dev.weir.model.spec.ReleaseSpec.Strategy;
import dev.weir.model.value.Percentage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Ways to release, with waits of seconds.
final class TestReleases {
  private static final BakeSpec BAKE = new BakeSpec(Duration.ofSeconds(5), Percentage.of(20));

  static final BakeSpec LONG_BAKE = new BakeSpec(Duration.ofMinutes(5), Percentage.of(20));

  private TestReleases() {}

  /// The same, and nobody is waited for longer.
  static ReleaseSpec waiting(Duration most, ReleaseSpec release) {
    return with(most, release.rollbackWindow(), release);
  }

  /// The same, and undo skips the steps to so many versions.
  static ReleaseSpec within(int window, ReleaseSpec release) {
    return with(release.maxWait(), window, release);
  }

  private static ReleaseSpec with(Duration maxWait, int window, ReleaseSpec release) {
    return new ReleaseSpec(
        release.strategy(),
        release.steps(),
        release.analysis(),
        release.bake(),
        release.blueGreen(),
        release.rolling(),
        release.shadow(),
        maxWait,
        window,
        release.after(),
        release.traffic());
  }

  /// The first step is long, the second has a gate, and it is baked.
  static UnaryOperator<ReleaseSpec> gatedCanary() {
    return release ->
        release
            .withSteps(
                List.of(
                    new Step(
                        25, List.of(), true, Optional.of(Duration.ofMinutes(1)), false, Map.of()),
                    new Step(
                        50, List.of(), false, Optional.of(Duration.ofSeconds(3)), true, Map.of())))
            .withBake(BAKE);
  }

  /// Weights by evidence, without a bake.
  static UnaryOperator<ReleaseSpec> ramp() {
    RampSpec ramp = new RampSpec(List.of(5.0, 10.0, 25.0, 50.0), 50, Duration.ofSeconds(5), 20);
    return release -> release.withRamp(ramp).withBake(BakeSpec.NONE);
  }

  /// The same with so small an alpha that suspicion lasts long before it becomes proof.
  static UnaryOperator<ReleaseSpec> patientRamp() {
    return release -> {
      ReleaseSpec ramp = ramp().apply(release);
      ReleaseSpec.AnalysisSpec usual = ramp.analysis();
      return ramp.withAnalysis(
          new ReleaseSpec.AnalysisSpec(
              1e-9,
              usual.beta(),
              usual.minStepDuration(),
              usual.maxStepDuration(),
              usual.onInconclusive(),
              usual.dispersion(),
              usual.metrics()));
    };
  }

  static UnaryOperator<ReleaseSpec> blueGreen() {
    return as(Strategy.BLUE_GREEN, RollingSpec.ONE_BY_ONE);
  }

  /// One more than all, none missing.
  static UnaryOperator<ReleaseSpec> rolling() {
    return as(Strategy.ROLLING, new RollingSpec(Optional.empty(), 0, Duration.ofSeconds(3)));
  }

  /// Never more than all, one missing.
  static UnaryOperator<ReleaseSpec> rollingInPlace() {
    return as(Strategy.ROLLING, new RollingSpec(Optional.of(0), 1, Duration.ofSeconds(10)));
  }

  /// Half of the requests are mirrored, and nobody has to let it go on.
  static UnaryOperator<ReleaseSpec> shadow() {
    return release ->
        new ReleaseSpec(
            Strategy.SHADOW,
            release.steps(),
            release.analysis(),
            BAKE,
            release.blueGreen(),
            release.rolling(),
            new ShadowSpec(Percentage.of(50), true),
            release.maxWait(),
            release.rollbackWindow(),
            release.after(),
            release.traffic());
  }

  static UnaryOperator<ReleaseSpec> recreate() {
    return as(Strategy.RECREATE, RollingSpec.ONE_BY_ONE);
  }

  private static UnaryOperator<ReleaseSpec> as(Strategy strategy, RollingSpec rolling) {
    return release ->
        new ReleaseSpec(
            strategy,
            release.steps(),
            release.analysis(),
            BAKE,
            new BlueGreenSpec(List.of(), Percentage.of(0), false, Duration.ofSeconds(4)),
            rolling,
            ShadowSpec.TENTH,
            release.maxWait(),
            release.rollbackWindow(),
            release.after(),
            release.traffic());
  }
}
