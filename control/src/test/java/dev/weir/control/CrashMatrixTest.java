// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.crash.CrashPoint;
import dev.weir.control.release.ReleaseScenario;
import dev.weir.control.rollout.RolloutTiming;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// The control plane dies at every point of the catalogue, another takes over, and nobody can tell
/// from what came of it.
///
/// By default each point is tried once, in a scenario and at a pass that the seed draws from all
/// that reach it; `-Dweir.crash=all` tries every scenario at its first, last and one more pass.
public class CrashMatrixTest {
  private static final long SEED = 25;
  private static final int REQUESTS_PER_STEP = 60;
  private static final Map<ReleaseScenario, Reference> REFERENCES =
      new EnumMap<>(ReleaseScenario.class);

  @TempDir static Path folder;

  /// A run that nobody interrupted, but for what its scenario interrupts itself.
  private record Reference(RunTrace trace, NavigableMap<CrashPoint, Integer> passed) {}

  private record Try(CrashPoint point, ReleaseScenario scenario, int pass) {
    String name() {
      return "%s, pass %d, in %s".formatted(point, pass, scenario);
    }
  }

  @BeforeAll
  static void playUninterrupted() throws IOException {
    for (ReleaseScenario scenario : ReleaseScenario.values()) {
      try (ControlWorld world = world(folder)) {
        scenario.play(world);
        REFERENCES.put(
            scenario,
            new Reference(RunTrace.of(world), new TreeMap<>(world.crashInjector.passed())));
      }
    }
  }

  @Test
  void the_scenarios_pass_every_point_of_the_catalogue() {
    assertThat(REFERENCES.values().stream().flatMap(r -> r.passed().keySet().stream()).distinct())
        .containsExactlyInAnyOrderElementsOf(CrashPoint.all());
  }

  @Test
  void an_uninterrupted_run_leaves_nothing_behind() {
    REFERENCES.forEach((scenario, reference) -> {
      assertThat(reference.trace().leftBehind()).as(scenario.name()).isEmpty();
      assertThat(reference.trace().auditVerified()).as(scenario.name()).isTrue();
    });
  }

  @TestFactory
  Stream<DynamicTest> nothing_is_lost_by_dying_at() {
    boolean all = "all".equals(System.getProperty("weir.crash"));
    Random random = new Random(SEED);
    return CrashPoint.all().stream()
        .filter(point -> !reaching(point).isEmpty())
        .flatMap(point -> all ? every(point, random) : Stream.of(any(point, random)))
        .map(one -> DynamicTest.dynamicTest(one.name(), () -> die(one)));
  }

  @Test
  void nothing_is_lost_by_dying_again_while_recovering() throws IOException {
    Random random = new Random(SEED);
    List<CrashPoint> points = CrashPoint.all();
    for (int i = 0; i < 12; i++) {
      Try first = any(points.get(random.nextInt(points.size())), random);
      int next = 1 + random.nextInt(6);
      try (ControlWorld world = world(folder)) {
        world.crashInjector.dieAt(
            first.point()::equals,
            first.pass(),
            () -> world.crashInjector.dieAt(any -> true, next, () -> {}));
        first.scenario().play(world);
        assertThat(world.crashInjector.outstanding()).isZero();
        assertThat(RunTrace.of(world))
            .as("%s, and again %d points later", first.name(), next)
            .isEqualTo(reference(first.scenario()).trace());
      }
    }
  }

  private static void die(Try one) throws IOException {
    try (ControlWorld world = world(folder)) {
      world.crashInjector.dieAt(one.point(), one.pass());
      one.scenario().play(world);
      assertThat(world.crashInjector.outstanding()).as("deaths that did not come").isZero();
      assertThat(RunTrace.of(world))
          .usingRecursiveComparison()
          .isEqualTo(reference(one.scenario()).trace());
    }
  }

  private static Try any(CrashPoint point, Random random) {
    List<ReleaseScenario> reaching = reaching(point);
    ReleaseScenario scenario = reaching.get(random.nextInt(reaching.size()));
    return new Try(point, scenario, 1 + random.nextInt(passes(scenario, point)));
  }

  private static Stream<Try> every(CrashPoint point, Random random) {
    return reaching(point).stream()
        .flatMap(scenario -> {
          int passes = passes(scenario, point);
          return Stream.of(1, passes, 1 + random.nextInt(passes))
              .distinct()
              .map(pass -> new Try(point, scenario, pass));
        });
  }

  private static List<ReleaseScenario> reaching(CrashPoint point) {
    List<ReleaseScenario> reaching = new ArrayList<>();
    REFERENCES.forEach((scenario, reference) -> {
      if (reference.passed().containsKey(point)) {
        reaching.add(scenario);
      }
    });
    return reaching;
  }

  private static Reference reference(ReleaseScenario scenario) {
    return Objects.requireNonNull(REFERENCES.get(scenario));
  }

  private static int passes(ReleaseScenario scenario, CrashPoint point) {
    return reference(scenario).passed().getOrDefault(point, 0);
  }

  public static ControlWorld world(Path folder) throws IOException {
    ControlOptions options = ControlOptions.defaults().withWarmUpRequests(1);
    ControlWorld world =
        new ControlWorld(
            Files.createTempDirectory(folder, "world"),
            options.withTiming(everyPassLooks(options.timing())),
            REQUESTS_PER_STEP);
    world.provider.findAll();
    world.crashInjector.countFromHere();
    return world;
  }

  // A control plane that has just taken over looks at the evidence in its first pass. So that two
  // runs look in the same instants, everybody looks in every pass.
  private static RolloutTiming everyPassLooks(RolloutTiming timing) {
    return new RolloutTiming(
        Duration.ZERO,
        timing.lease(),
        timing.silentStable(),
        timing.startupMargin(),
        timing.unreadyLimit(),
        timing.acknowledgement(),
        timing.stopping(),
        timing.draining(),
        timing.adoption(),
        timing.quiet());
  }
}
