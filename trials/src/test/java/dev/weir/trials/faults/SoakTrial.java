// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.faults;

import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;

/// A gateway at 70 % of its peak load on this machine for half an hour, with a fault every 20 s.
/// Memory, descriptors and threads do not grow, and no eligible request fails.
public final class SoakTrial implements Trial {
  private static final int CALLERS = 64;
  private static final double SHARE_OF_PEAK = 0.7;
  private static final Duration CALIBRATION = Duration.ofSeconds(10);
  private static final long MIB = 1024;

  /// Faults between two samples.
  private static final int FAULTS_A_SAMPLE = 2;

  /// Growth that is not a leak: compiled code, warm caches, pooled connections.
  private static final double GROWTH = 1.15;

  private static final String HELD_CONNECTIONS = "held-connections";

  /// More connections than come and go, from the second sample on. The gateway closes them after a
  /// long idle time.
  private static final int HELD_A_SAMPLE = 150;

  @Override
  public String name() {
    return "soak";
  }

  @Override
  public String about() {
    return "a gateway at 70 % load with a fault every 20 s for 30 min: memory, descriptors, threads"
        + " stay flat";
  }

  @Override
  public List<String> mutations() {
    return List.of(HELD_CONNECTIONS);
  }

  @Override
  public void run(TrialRun run) throws Exception {
    Duration length = run.full() ? Duration.ofMinutes(30) : Duration.ofSeconds(80);
    Duration between = run.full() ? Duration.ofSeconds(20) : Duration.ofSeconds(8);
    try (FaultsStack stack = new FaultsStack(run.seed(), "", "-XX:NativeMemoryTracking=summary")) {
      double peak = peak(stack);
      run.figure("requests a second at peak", Math.round(peak));
      new Soak(run, stack, length, between).play(SHARE_OF_PEAK * peak);
    }
  }

  private static List<Load> loads(FaultsStack stack, double rate) {
    List<Load> loads = new ArrayList<>();
    for (FaultScenario.Way way : FaultScenario.Way.values()) {
      loads.add(stack.load(way, CALLERS, rate / FaultScenario.Way.values().length));
    }
    return loads;
  }

  /// The first half is warm-up.
  private static double peak(FaultsStack stack) throws InterruptedException {
    List<Load> loads = loads(stack, 0);
    LockSupport.parkNanos(CALIBRATION.toNanos());
    long before = loads.stream().mapToLong(Load::finished).sum();
    LockSupport.parkNanos(CALIBRATION.toNanos());
    long after = loads.stream().mapToLong(Load::finished).sum();
    for (Load load : loads) {
      load.stop();
    }
    return (after - before) / (double) CALIBRATION.toSeconds();
  }

  private static final class Soak {
    private final TrialRun run;
    private final FaultsStack stack;
    private final Duration length;
    private final Duration between;
    private final SplittableRandom random;
    private final List<Footprint> samples = new ArrayList<>();
    private final List<Socket> held = new ArrayList<>();

    Soak(TrialRun run, FaultsStack stack, Duration length, Duration between) {
      this.run = run;
      this.stack = stack;
      this.length = length;
      this.between = between;
      this.random = new SplittableRandom(run.seed());
    }

    void play(double rate) throws Exception {
      run.figure("requests a second", Math.round(rate));
      long spentBefore = stack.budgetSpent();
      List<Load> loads = loads(stack, rate);
      int faults = faults();
      run.figure("faults", faults);
      for (Load load : loads) {
        judge(load);
      }
      run.figure(
          "failed because the retry budget was exhausted", stack.budgetSpent() - spentBefore);
      flat("live heap in MiB", Footprint::heapKib, MIB, 8);
      flat("direct memory in MiB", Footprint::directKib, MIB, 8);
      flat("descriptors", Footprint::descriptors, 1, 64);
      flat("threads", Footprint::threads, 1, 4);
      for (Socket socket : held) {
        socket.close();
      }
    }

    private int faults() throws Exception {
      long end = System.nanoTime() + length.toNanos();
      int faults = 0;
      while (System.nanoTime() < end) {
        long next = System.nanoTime() + between.toNanos();
        List<FaultScenario> all = List.of(FaultScenario.values());
        FaultScenario scenario = all.get(random.nextInt(all.size()));
        scenario.strike(stack.fleet(), stack::ownPids);
        LockSupport.parkNanos(Duration.ofMillis(scenario.holdMillis()).toNanos());
        stack.fleet().repair();
        LockSupport.parkNanos(Math.max(0, next - System.nanoTime()));
        if (++faults % FAULTS_A_SAMPLE == 0) {
          sample();
        }
      }
      return faults;
    }

    private void sample() throws IOException, InterruptedException {
      samples.add(Footprint.of(stack.gateway().pid()));
      if (run.mutated(HELD_CONNECTIONS)) {
        URI gateway = URI.create(stack.gateway().gateway());
        for (int i = 0; i < HELD_A_SAMPLE; i++) {
          held.add(new Socket(gateway.getHost(), gateway.getPort()));
        }
      }
    }

    private void judge(Load load) throws InterruptedException {
      Tally tally = load.stop();
      String service = load.service();
      run.say(service + ": " + tally);
      run.check(service + ": no eligible request fails", tally.failures() == 0, tally.examples());
      run.check(service + ": no answer is wrong", tally.wrongs() == 0, tally.wrong());
      run.figure("clients of " + service, tally);
    }

    /// Compares the minimum of the second half with the minimum of the first half: faults add for a
    /// while, a leak stays.
    private void flat(String what, ToLongFunction<Footprint> of, long unit, long slack) {
      int half = samples.size() / 2;
      long early = least(samples.subList(0, half), of) / unit;
      long late = least(samples.subList(half, samples.size()), of) / unit;
      run.figure(what + ", first and second half", early + ", " + late);
      run.check(
          what + " stays flat",
          late <= Math.max(early * GROWTH, (double) (early + slack)),
          samples);
    }

    private static long least(List<Footprint> some, ToLongFunction<Footprint> of) {
      return some.stream().mapToLong(of).min().orElse(0);
    }
  }
}
