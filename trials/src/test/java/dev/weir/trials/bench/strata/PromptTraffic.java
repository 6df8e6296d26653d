// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.strata;

import dev.weir.analysis.metric.AnswerForm;
import dev.weir.analysis.metric.Arm;
import dev.weir.analysis.metric.Observation;
import dev.weir.analysis.metric.Outcome;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;

/// Simulated requests with prompts, one second at a time.
///
/// Four baseline replicas and one replica of the canary. The time to the first token is a wait of
/// 60 ms on average plus the prefill of the tokens that the replica has not cached, times noise of
/// standard deviation .35 and the load that all replicas share (autoregressive, bursts). Prefill
/// coefficients are those of Llama 3.1 70B in fp8 on two H100 with vLLM 0.24 (aiconfigurator): 13.9
/// ms plus 66.5 ms per 1000 tokens plus 1.47 ms per million squared tokens. Arrivals are Poisson,
/// routing is Bernoulli.
final class PromptTraffic {
  static final int SECONDS_PER_SLICE = 5;

  private static final double ERRORS = .005;
  private static final double MEMORY = .98;
  private static final double LOAD_SD = .15;
  private static final double NOISE_SD = .35;
  private static final double WAIT_SECONDS = .06;
  private static final double KEY_MEMORY = .995;
  private static final double KEY_SD = .5;
  private static final double NOISE_SECONDS = 60;

  /// Share of cached prompts that an engine has evicted before the next request.
  private static final double EVICTED = .1;

  private final SplittableRandom random;
  private final Scenario scenario;
  private final double requestsPerSecond;
  private final PromptSource prompts;
  private double load;
  private final double[] replicaLogs = new double[1 + PromptSource.BASELINE_REPLICAS];
  private double keyLog;
  private int burstSecondsLeft;

  PromptTraffic(Scenario scenario, double requestsPerSecond, long seed) {
    this.scenario = scenario;
    this.requestsPerSecond = requestsPerSecond;
    random = new SplittableRandom(seed);
    prompts =
        scenario.conversations()
            ? new Conversations(random.split(), requestsPerSecond)
            : new SinglePrompts(random.split());
  }

  /// Adds the requests of the next slice.
  void slice(double weight, List<Observation> into) {
    for (int second = 0; second < SECONDS_PER_SLICE; second++) {
      load = MEMORY * load + LOAD_SD * Math.sqrt(1 - MEMORY * MEMORY) * random.nextGaussian();
      keyLog =
          KEY_MEMORY * keyLog
              + KEY_SD * Math.sqrt(1 - KEY_MEMORY * KEY_MEMORY) * random.nextGaussian();
      wander();
      if (burstSecondsLeft > 0) {
        burstSecondsLeft--;
      } else if (random.nextDouble() < 1. / 300) {
        burstSecondsLeft = 1 + (int) (-20 * Math.log(1 - random.nextDouble()));
      }
      int arrivals = poisson(requestsPerSecond * Math.exp(.3 * load));
      for (int i = 0; i < arrivals; i++) {
        into.add(request(random.nextDouble() < weight));
      }
    }
  }

  private void wander() {
    double keeps = Math.exp(-1 / NOISE_SECONDS);
    double fresh = scenario.noise() * Math.sqrt(1 - keeps * keeps);
    for (int i = 0; fresh > 0 && i < replicaLogs.length; i++) {
      replicaLogs[i] = keeps * replicaLogs[i] + fresh * random.nextGaussian();
    }
  }

  private Observation request(boolean canary) {
    int replica = canary ? 0 : 1 + random.nextInt(PromptSource.BASELINE_REPLICAS);
    PromptSource.Prompt prompt = prompts.next(replica);
    boolean cached = !(canary && scenario.withoutCache()) && random.nextDouble() >= EVICTED;
    int work = cached ? prompt.fresh() : prompt.tokens();
    double slow =
        Math.exp(load + (burstSecondsLeft > 0 ? .8 : 0) + NOISE_SD * random.nextGaussian());
    double factor = (canary ? scenario.ttftFactor() : 1) * Math.exp(replicaLogs[replica]);
    if (random.nextDouble() < scenario.keyShare()) {
      // Requests of one key resemble each other: all are slow, or all are fast, for minutes.
      factor *= Math.exp(keyLog);
    }
    double wait = -WAIT_SECONDS * Math.log(1 - random.nextDouble());
    double ttft = factor * slow * (wait + prefillSeconds(work));
    return outcome(canary, ttft).withPrefillTokens(scenario.strata() ? prompt.expected() : 0);
  }

  static double prefillSeconds(int tokens) {
    double thousands = tokens / 1000.;
    return .0139 + .0665 * thousands + .00147 * thousands * thousands;
  }

  private Observation outcome(boolean canary, double ttft) {
    Arm arm = canary ? Arm.CANARY : Arm.BASELINE;
    double chance = random.nextDouble();
    if (chance < ERRORS) {
      return Observation.ended(arm, Outcome.FAILURE, 200_000).withForm(AnswerForm.STREAM);
    }
    double itl = .03 * Math.exp(.2 * random.nextGaussian());
    long tokens = Math.max(2, Math.round(250 * Math.exp(.8 * random.nextGaussian())));
    boolean cut = random.nextDouble() < (canary ? scenario.cuts() : Scenario.USUAL_CUTS);
    double share = cut ? random.nextDouble() * (canary ? scenario.latestCut() : 1) : 1;
    return new Observation(
            arm,
            cut ? Outcome.FAILURE : Outcome.SUCCESS,
            OptionalLong.of(Math.round(1e6 * ttft)),
            OptionalLong.of(Math.round(1e6 * itl)),
            OptionalLong.of(Math.round(1e6 * (ttft + itl * share * tokens))),
            cut,
            OptionalLong.of(tokens),
            Set.of())
        .withForm(AnswerForm.STREAM);
  }

  private int poisson(double mean) {
    if (mean >= 30) {
      return (int) Math.max(0, Math.round(mean + Math.sqrt(mean) * random.nextGaussian()));
    }
    double limit = Math.exp(-mean);
    int count = 0;
    for (double product = random.nextDouble(); product > limit; product *= random.nextDouble()) {
      count++;
    }
    return count;
  }
}
