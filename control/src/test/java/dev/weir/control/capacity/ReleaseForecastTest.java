// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.capacity.ReleaseForecast.Waits;
import dev.weir.control.observation.ResourceSnapshot;
import dev.weir.model.Resources;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.BakeSpec;
import dev.weir.model.spec.ReleaseSpec.Capacity;
import dev.weir.model.spec.ReleaseSpec.Strategy;
import dev.weir.model.spec.ServiceSpec;
import dev.weir.model.spec.TargetSpec;
import dev.weir.model.value.VersionRef;
import dev.weir.model.view.ReleaseOutlook;
import dev.weir.model.view.ReleaseOutlook.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ReleaseForecastTest {
  private static final Waits WAITS = new Waits(Duration.ofSeconds(35), Duration.ofSeconds(30));

  private static CapacityFixture floor(int capacity) {
    return new CapacityFixture()
        .target("gpu-a", "H100", capacity)
        .version("chat", "1", "H100", 2)
        .version("chat", "2", "H100", 2)
        .serving("chat", "gpu-a", 2);
  }

  private static ReleaseOutlook outlook(CapacityFixture floor, ReleaseSpec release) {
    ResourceSnapshot resourceSnapshot = floor.resourceSnapshot();
    Service old = floor.service("chat");
    Service wanted =
        old.withSpec(
            new ServiceSpec(
                new VersionRef("chat", "2"),
                old.spec().placements(),
                release,
                old.spec().traffic()));
    return ReleaseForecast.of(
        wanted,
        resourceSnapshot.version(Resources.NAMESPACE, new VersionRef("chat", "1")).orElseThrow(),
        resourceSnapshot.version(Resources.NAMESPACE, new VersionRef("chat", "2")).orElseThrow(),
        resourceSnapshot.with(List.of(wanted)),
        WAITS,
        List.of("frozen"));
  }

  /// Two steps of two minutes each at least, and nothing after them.
  private static ReleaseSpec twoSteps() {
    return Resources.release()
        .withSteps(List.of(new ReleaseSpec.Step(5), new ReleaseSpec.Step(50)))
        .withBake(BakeSpec.NONE);
  }

  @Test
  void a_surge_takes_twice_as_much_for_as_long_as_it_lasts() {
    ReleaseOutlook told = outlook(floor(8), twoSteps());
    assertThat(told.room()).isEqualTo("surge");
    assertThat(told.steps()).containsExactly(5.0, 50.0);
    assertThat(told.ramp()).isFalse();
    assertThat(told.minSeconds()).isEqualTo(240);
    assertThat(told.usage()).containsExactly(new Usage("gpu-a", "H100", 4, 8, Optional.of(8)));
    assertThat(told.gpuHours()).isEqualTo(4 * 240 / 3600.0);
    assertThat(told.costUsd()).contains(4 * 240 / 3600.0 * 6.88);
    assertThat(told.prices())
        .containsExactly("H100 at 6.88 USD an hour (AWS us-east-1 on demand, 2026-07-20)");
    assertThat(told.revertSeconds()).isEqualTo(35);
    assertThat(told.waitsFor()).containsExactly("frozen");
  }

  @Test
  void a_ramp_may_skip_weights_so_its_shortest_time_is_that_of_the_first_and_the_largest() {
    ReleaseOutlook ramp = outlook(floor(8), twoSteps().withSteps(List.of()));
    assertThat(ramp.steps()).containsExactly(1.0, 2.0, 5.0, 10.0, 20.0, 35.0, 50.0);
    assertThat(ramp.ramp()).isTrue();
    assertThat(ramp.minSeconds()).isEqualTo(30 + 120);
  }

  @Test
  void in_place_takes_nothing_more_and_half_of_the_old_ones_can_carry_all() {
    ReleaseOutlook told = outlook(floor(4), twoSteps());
    assertThat(told.room()).isEqualTo("inPlace");
    assertThat(told.usage()).containsExactly(new Usage("gpu-a", "H100", 4, 4, Optional.of(4)));
    assertThat(told.gpuHours()).isZero();
    assertThat(told.costUsd()).contains(0.0);
    assertThat(told.prices()).isEmpty();
    assertThat(told.revertSeconds()).isEqualTo(35);
  }

  @Test
  void where_old_replicas_must_come_back_the_way_back_is_as_long_as_their_start() {
    ReleaseSpec plain = twoSteps();
    ReleaseSpec recreate = new ReleaseSpec(Strategy.RECREATE, plain.steps(), plain.analysis());
    ReleaseOutlook told = outlook(floor(8), recreate);
    assertThat(told.revertSeconds()).isEqualTo(35 + 600 + 30);
    assertThat(told.revertReason())
        .startsWith("replicas of chat@1 must start first, which may take 10m30s; then ");
  }

  @Test
  void without_room_it_says_so_and_what_it_would_take() {
    ReleaseOutlook told = outlook(floor(4), twoSteps().withCapacity(Capacity.SURGE));
    assertThat(told.room()).isEqualTo("refused");
    assertThat(told.roomReason()).startsWith("not enough capacity: it needs 4 more H100 on gpu-a");
    assertThat(told.usage()).containsExactly(new Usage("gpu-a", "H100", 4, 8, Optional.of(4)));
  }

  @Test
  void a_price_that_nobody_knows_is_asked_for_and_one_that_is_given_counts() {
    CapacityFixture floor =
        floor(8)
            .version("chat", "1", "TPU-9", 2)
            .version("chat", "2", "TPU-9", 2)
            .target("gpu-a", Map.of());
    ReleaseOutlook unknown = outlook(floor, twoSteps());
    assertThat(unknown.costUsd()).isEmpty();
    assertThat(unknown.prices())
        .containsExactly("price of TPU-9 not known: set spec.pricePerGpuHour of Target gpu-a");
    assertThat(unknown.usage())
        .containsExactly(new Usage("gpu-a", "TPU-9", 4, 8, Optional.empty()));

    ReleaseOutlook known = outlook(floor.put(priced(3.0)), twoSteps());
    assertThat(known.costUsd()).contains(4 * 240 / 3600.0 * 3);
    assertThat(known.prices()).containsExactly("TPU-9 at 3 USD an hour (spec.pricePerGpuHour)");
  }

  private static Target priced(double price) {
    Target plain = Resources.target("gpu-a", Map.of());
    TargetSpec spec = plain.spec();
    return plain.withSpec(
        new TargetSpec(
            spec.provider(),
            spec.region(),
            spec.cloud(),
            spec.environment(),
            spec.capacity(),
            spec.allowedCommands(),
            spec.credential(),
            spec.tls(),
            Optional.of(price)));
  }

  @Test
  void versions_without_accelerators_cost_nothing() {
    CapacityFixture floor =
        new CapacityFixture()
            .target("cpu", "replicas", 9)
            .version("chat", "1")
            .version("chat", "2")
            .serving("chat", "cpu", 2);
    ReleaseOutlook told = outlook(floor, twoSteps());
    assertThat(told.usage()).containsExactly(new Usage("cpu", "replicas", 2, 4, Optional.of(9)));
    assertThat(told.gpuHours()).isZero();
    assertThat(told.prices()).isEmpty();
  }

  @Test
  void prices_know_types_by_any_spelling() {
    assertThat(GpuPrices.of(OptionalDouble.empty(), "nvidia-h100").map(GpuPrices.Price::usd))
        .contains(6.88);
    assertThat(GpuPrices.of(OptionalDouble.empty(), "a100 80GB").map(GpuPrices.Price::usd))
        .contains(3.4309);
    assertThat(GpuPrices.of(OptionalDouble.empty(), "A100")).isEmpty();
  }
}
