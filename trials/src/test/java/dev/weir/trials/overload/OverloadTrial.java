// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.overload;

import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.WeirProcess;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/// Three tenants send three times the capacity of the engines: one floods, one sends more than its
/// share, one sends less. Goodput stays near its peak, each tenant gets its share, and refusals are
/// immediate.
///
/// Peak is the throughput of exactly full engines. An answer is good when its first token arrives
/// in time.
public final class OverloadTrial implements Trial {
  private static final String UNLIMITED = "no-capacity-learnt";
  private static final String UNFAIR = "one-tenant-for-all";
  private static final int REPLICAS = 2;
  private static final int SEQUENCES = 8;
  private static final Duration DEADLINE = Duration.ofSeconds(4);
  private static final double OVERLOAD = 3;
  private static final double MODEST = .25;
  private static final double EAGER = .9;

  @Override
  public String name() {
    return "overload";
  }

  @Override
  public String about() {
    return "three times the capacity of the engines: goodput, fair shares, immediate refusals";
  }

  @Override
  public List<String> mutations() {
    return List.of(UNLIMITED, UNFAIR);
  }

  @Override
  public void run(TrialRun run) throws Exception {
    WeirProcess weir = WeirProcess.up();
    try {
      if (run.full() || run.mutated(UNLIMITED)) {
        weir.apply(manifest("learnt", run.mutated(UNLIMITED) ? "60s" : "4s", ""));
        new Play(run, weir, "learnt").play();
      }
      weir.apply(
          manifest("given", "4s", ", concurrency: {max: %d}".formatted(REPLICAS * SEQUENCES)));
      new Play(run, weir, "given").play();
    } finally {
      weir.close();
    }
  }

  private static String manifest(String name, String firstToken, String traffic) {
    return """
    apiVersion: weir.dev/v1
    kind: Model
    metadata: {name: %1$s}
    spec: {owner: trials}
    ---
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: %1$s-1}
    spec:
      model: %1$s
      version: "1"
      engine:
        type: sim
        args: ["--profile", "llama-3.1-8b-h100", "--time-scale", "0.3", "--max-num-seqs", "%2$d", "--warm-up", "50"]
    ---
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: %1$s}
    spec:
      version: %1$s@1
      placements: [{target: local, replicas: %3$d}]
      traffic: {timeouts: {connect: 1s, firstToken: %4$s, stall: 10s, total: 60s}%5$s}
    """
        .formatted(name, SEQUENCES, REPLICAS, firstToken, traffic);
  }

  private record Play(TrialRun run, WeirProcess weir, String model) {
    void play() throws Exception {
      double peak = peak();
      run.figure(model + ": peak, answers in time per second", rounded(peak));
      Duration settling = Duration.ofSeconds(run.full() ? 30 : 10);
      Duration measured = Duration.ofSeconds(run.full() ? 120 : 30);
      Duration whole = settling.plus(measured);
      SplittableRandom random = new SplittableRandom(run.seed());
      long start = System.nanoTime();
      Tenant modest = tenant("modest");
      Tenant eager = tenant("eager");
      Tenant flood = tenant("flood");
      try (modest;
          eager;
          flood) {
        modest.send(MODEST * peak, whole, random.split());
        eager.send(EAGER * peak, whole, random.split());
        flood.send((OVERLOAD - MODEST - EAGER) * peak, whole, random.split());
        TimeUnit.NANOSECONDS.sleep(whole.toNanos());
      }
      long from = start + settling.toNanos();
      long to = start + whole.toNanos();
      judge(
          peak * measured.toSeconds(),
          modest.between(from, to, DEADLINE.toNanos()),
          eager.between(from, to, DEADLINE.toNanos()),
          flood.between(from, to, DEADLINE.toNanos()));
    }

    private Tenant tenant(String name) throws Exception {
      String namespace = run.mutated(UNFAIR) ? "flood" : name;
      String key =
          weir.inferenceKey(model + "-" + name, "--namespace", namespace, "--models", model);
      return new Tenant(weir.gateway(), key, model);
    }

    private double peak() throws Exception {
      Duration warm = Duration.ofSeconds(5);
      Duration time = Duration.ofSeconds(run.full() ? 30 : 15);
      long start = System.nanoTime();
      try (Tenant one = tenant("peak")) {
        one.keepBusy(REPLICAS * SEQUENCES, warm.plus(time));
        long from = start + warm.toNanos();
        Share share = one.between(from, from + time.toNanos(), DEADLINE.toNanos());
        return (double) share.good() / time.toSeconds();
      }
    }

    private void judge(double peak, Share modest, Share eager, Share flood) {
      Share all = modest.and(eager).and(flood);
      double fair = (all.good() - modest.good()) / 2.0;
      run.figure(model + ": goodput as a share of peak", rounded(all.good() / peak));
      run.figure(model + ": modest, eager, flood", List.of(modest, eager, flood).toString());
      run.figure(model + ": refused at once", rounded((double) all.atOnce() / all.refused()));
      run.check(
          model + ": goodput is at least 90 % of peak",
          all.good() >= .9 * peak,
          all.good() + " of " + peak + ": " + all);
      run.check(
          model + ": a tenant below its share is fully served",
          modest.good() >= .95 * modest.sent(),
          modest);
      run.check(
          model + ": tenants above their share get their share",
          Math.min(eager.good(), flood.good()) >= .8 * fair,
          eager + " beside " + flood);
      run.check(model + ": no answer is broken", all.broken() == 0, all);
      run.check(model + ": each refusal has Retry-After", all.untold() == 0, all);
      run.check(model + ": refusals are immediate", all.atOnce() >= .75 * all.refused(), all);
    }

    private static double rounded(double value) {
      return Math.round(value * 1_000) / 1_000.0;
    }
  }
}
