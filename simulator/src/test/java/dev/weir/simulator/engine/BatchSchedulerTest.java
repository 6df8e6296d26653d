// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/// The scheduler on a manual clock; the expected times repeat the formulas explicitly.
class BatchSchedulerTest {
  private static final EngineProfile PROFILE =
      EngineProfiles.named("llama-3.1-8b-h100").orElseThrow();
  private static final EngineLimits LIMITS = new EngineLimits(256, 2048, 100, 1);
  private static final Offset<Double> MICRO = within(0.001);

  private final List<Double> tokens = new ArrayList<>();
  private long now;

  @Test
  void the_first_token_takes_host_time_and_prefill() {
    BatchScheduler scheduler = new BatchScheduler(PROFILE, LIMITS);
    scheduler.submit(sequence(1000, 3, SpeedFactor.EVEN), 0);
    run(scheduler);
    double prefill = 15.6 + 1.5 + 5.777 + 14.877 + 0.8973;
    assertThat(tokens.get(0)).isCloseTo(prefill, MICRO);
  }

  @Test
  void each_further_token_takes_one_decode_step() {
    BatchScheduler scheduler = new BatchScheduler(PROFILE, LIMITS);
    scheduler.submit(sequence(1000, 3, SpeedFactor.EVEN), 0);
    run(scheduler);
    assertThat(tokens.get(1) - tokens.get(0)).isCloseTo(decode(1, 1001), MICRO);
    assertThat(tokens.get(2) - tokens.get(1)).isCloseTo(decode(1, 1002), MICRO);
  }

  @Test
  void a_larger_batch_makes_steps_longer() {
    BatchScheduler scheduler = new BatchScheduler(PROFILE, LIMITS);
    for (int count = 0; count < 8; count++) {
      scheduler.submit(new Sequence(100, 4, SpeedFactor.EVEN, (index, last) -> {}), 0);
    }
    EngineStep prefill = first(scheduler);
    EngineStep decode = scheduler.nextStep(prefill.endNanos()).orElseThrow();
    assertThat(prefill.batchedTokens()).isEqualTo(800);
    assertThat(decode.batchedTokens()).isEqualTo(8);
    assertThat(millis(decode)).isCloseTo(decode(8, 8 * 101), MICRO);
  }

  @Test
  void a_prompt_in_prefill_delays_every_sequence_by_its_cost() {
    BatchScheduler scheduler = new BatchScheduler(PROFILE, LIMITS);
    scheduler.submit(sequence(16, 50, SpeedFactor.EVEN), 0);
    EngineStep alone = first(scheduler);
    now = alone.endNanos() + 1;
    scheduler.submit(new Sequence(1000, 2, SpeedFactor.EVEN, (index, last) -> {}), now - ms(15.6));
    EngineStep mixed = scheduler.nextStep(now).orElseThrow();
    assertThat(millis(mixed)).isCloseTo(decode(1, 17) + 14.877 + 0.8973, MICRO);
    assertThat(mixed.batchedTokens()).isEqualTo(1001);
    assertThat(mixed.emissions()).hasSize(2);
  }

  @Test
  void a_prompt_above_the_token_budget_is_prefilled_in_chunks_that_add_up() {
    BatchScheduler scheduler = new BatchScheduler(PROFILE, LIMITS);
    scheduler.submit(sequence(5000, 1, SpeedFactor.EVEN), 0);
    run(scheduler);
    double chunks = 3 * (1.5 + 5.777) + 14.877 * 5 + 0.8973 * 25;
    assertThat(tokens).hasSize(1);
    assertThat(tokens.getFirst()).isCloseTo(15.6 + chunks, MICRO);
  }

  @Test
  void requests_beyond_the_slots_wait_their_turn() {
    BatchScheduler scheduler = new BatchScheduler(PROFILE, new EngineLimits(2, 2048, 100, 1));
    List<String> order = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      Sequence[] self = new Sequence[1];
      self[0] =
          new Sequence(
              100,
              2,
              SpeedFactor.EVEN,
              (index, last) -> {
                order.add(name + index);
                if (last) {
                  scheduler.remove(self[0]);
                }
              });
      scheduler.submit(self[0], order.size());
    }
    EngineStep first = first(scheduler);
    assertThat(scheduler.runningCount()).isEqualTo(2);
    assertThat(scheduler.waitingCount()).isEqualTo(1);
    deliver(first);
    run(scheduler, first.endNanos());
    assertThat(order).containsExactly("a0", "b0", "a1", "b1", "c0", "c1");
  }

  @Test
  void requests_beyond_the_queue_are_refused() {
    BatchScheduler scheduler = new BatchScheduler(PROFILE, new EngineLimits(1, 2048, 2, 1));
    assertThat(scheduler.submit(sequence(1, 1, SpeedFactor.EVEN), 0)).isTrue();
    assertThat(scheduler.submit(sequence(1, 1, SpeedFactor.EVEN), 0)).isTrue();
    assertThat(scheduler.submit(sequence(1, 1, SpeedFactor.EVEN), 0)).isFalse();
  }

  @Test
  void the_time_scale_divides_every_time() {
    List<Double> real = times(new EngineLimits(256, 2048, 100, 1));
    List<Double> fast = times(new EngineLimits(256, 2048, 100, 10));
    for (int index = 0; index < real.size(); index++) {
      assertThat(fast.get(index)).isCloseTo(real.get(index) / 10, MICRO);
    }
  }

  private List<Double> times(EngineLimits limits) {
    tokens.clear();
    BatchScheduler scheduler = new BatchScheduler(PROFILE, limits);
    scheduler.submit(sequence(500, 5, SpeedFactor.EVEN), 0);
    run(scheduler);
    return List.copyOf(tokens);
  }

  @Test
  void the_first_token_pace_stretches_only_the_first_token() {
    BatchScheduler scheduler = new BatchScheduler(PROFILE, LIMITS);
    scheduler.submit(sequence(1000, 3, new SpeedFactor(3, 1)), 0);
    run(scheduler);
    double even = 15.6 + 5.777 + 14.877 + 0.8973;
    assertThat(tokens.get(0)).isCloseTo(3 * even + 1.5, MICRO);
    assertThat(tokens.get(1) - tokens.get(0)).isCloseTo(decode(1, 1001), MICRO);
  }

  @Test
  void the_inter_token_pace_stretches_only_the_other_tokens_and_evenly() {
    BatchScheduler scheduler = new BatchScheduler(PROFILE, LIMITS);
    scheduler.submit(sequence(1000, 40, new SpeedFactor(1, 1.37)), 0);
    run(scheduler);
    for (int index = 1; index < tokens.size(); index++) {
      double gap = tokens.get(index) - tokens.get(index - 1);
      assertThat(gap).isCloseTo(1.37 * decode(1, 1020), within(0.01));
    }
  }

  @Test
  void a_faster_pace_gives_more_than_a_token_a_step() {
    BatchScheduler scheduler = new BatchScheduler(PROFILE, LIMITS);
    scheduler.submit(sequence(1000, 30, new SpeedFactor(1, 0.4)), 0);
    run(scheduler);
    assertThat(tokens).hasSize(30).isSorted();
    double mean = (tokens.getLast() - tokens.getFirst()) / 29;
    assertThat(mean).isCloseTo(0.4 * decode(1, 1015), within(0.01));
  }

  @Test
  void a_removed_sequence_frees_its_cache_and_its_slot() {
    BatchScheduler scheduler = new BatchScheduler(PROFILE, LIMITS);
    Sequence sequence = new Sequence(1000, 50, SpeedFactor.EVEN, (index, last) -> {});
    scheduler.submit(sequence, 0);
    first(scheduler);
    assertThat(scheduler.kvUsage()).isPositive();
    scheduler.remove(sequence);
    scheduler.remove(sequence);
    assertThat(scheduler.kvUsage()).isZero();
    assertThat(scheduler.runningCount()).isZero();
    assertThat(scheduler.nextStep(ms(100))).isEmpty();
  }

  @Test
  void a_full_cache_preempts_the_newest_sequence_and_loses_no_token() {
    EngineProfile small = new EngineProfile("small", 5, 0.1, 0.1, 5, 10, 1, 20);
    BatchScheduler scheduler = new BatchScheduler(small, LIMITS);
    List<Integer> old = new ArrayList<>();
    List<Integer> young = new ArrayList<>();
    submit(scheduler, 150, 100, old);
    submit(scheduler, 100, 100, young);
    run(scheduler);
    assertThat(scheduler.preemptions()).isPositive();
    assertThat(old).containsExactlyElementsOf(zeroTo(100));
    assertThat(young).containsExactlyElementsOf(zeroTo(100));
    assertThat(scheduler.kvUsage()).isZero();
  }

  private static void submit(
      BatchScheduler scheduler, int prompt, int answer, List<Integer> indexes) {
    Sequence[] self = new Sequence[1];
    self[0] =
        new Sequence(
            prompt,
            answer,
            SpeedFactor.EVEN,
            (index, last) -> {
              indexes.add(index);
              if (last) {
                scheduler.remove(self[0]);
              }
            });
    scheduler.submit(self[0], 0);
  }

  private static List<Integer> zeroTo(int end) {
    List<Integer> out = new ArrayList<>();
    for (int index = 0; index < end; index++) {
      out.add(index);
    }
    return out;
  }

  @Test
  void all_twenty_five_profiles_exist() {
    assertThat(EngineProfiles.names())
        .hasSize(25)
        .doesNotHaveDuplicates()
        .contains("llama-3.1-8b-h100", "llama-3.1-70b-h100-tp4", "llama-3.1-70b-h200-tp8-fp8");
    assertThat(EngineProfiles.names())
        .allSatisfy(name -> assertThat(EngineProfiles.named(name)).isPresent());
    assertThat(EngineProfiles.named("llama")).isEmpty();
  }

  private Sequence sequence(int prompt, int answer, SpeedFactor speedFactor) {
    return new Sequence(prompt, answer, speedFactor, (index, last) -> tokens.add(now / 1e6));
  }

  private static double decode(int batch, int kvTokens) {
    return 1.5 + 6.348 + 0.0118 * batch + 0.0423 * kvTokens / 1000;
  }

  private static double millis(EngineStep step) {
    return (step.endNanos() - step.startNanos()) / 1e6;
  }

  private static long ms(double millis) {
    return Math.round(millis * 1e6);
  }

  private static EngineStep first(BatchScheduler scheduler) {
    return scheduler.nextStep(scheduler.nextArrivalNanos().orElseThrow()).orElseThrow();
  }

  private void run(BatchScheduler scheduler) {
    run(scheduler, scheduler.nextArrivalNanos().orElseThrow());
  }

  /// Runs steps until nothing is left to compute. The sequences of one test end at their last
  /// token.
  private void run(BatchScheduler scheduler, long fromNanos) {
    long at = fromNanos;
    for (int steps = 0; steps < 10_000; steps++) {
      Optional<EngineStep> step = scheduler.nextStep(at);
      if (step.isEmpty()) {
        return;
      }
      deliver(step.get());
      at = step.get().endNanos();
      step.get().emissions().stream()
          .filter(EngineStep.Emission::last)
          .forEach(emission -> scheduler.remove(emission.sequence()));
    }
    throw new AssertionError("the scheduler never comes to an end");
  }

  private void deliver(EngineStep step) {
    for (EngineStep.Emission emission : step.emissions()) {
      now = emission.atNanos();
      emission.sequence().sink().token(emission.index(), emission.last());
    }
  }
}
