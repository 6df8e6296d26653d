// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.provider;

import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.Replicas;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Many replicas on one machine: all ready, all adopted after `kill -9`, all gone at the end.
final class FleetCheck {
  private static final Duration IDLE = Duration.ofSeconds(60);
  private static final Duration SHORT_IDLE = Duration.ofSeconds(10);
  private static final double SECONDS_PER_MINUTE = 60;

  /// A sixth of one core for 50 replicas and both planes.
  private static final double MOST_CPU_SECONDS = 10;

  private final TrialRun run;
  private final String mark = "fleet-" + ProcessHandle.current().pid();
  private final Engines engines = new Engines("TRIAL=" + mark);

  FleetCheck(TrialRun run) {
    this.run = run;
  }

  void check(int count) throws Exception {
    WeirProcess first = WeirProcess.up();
    Path folder = first.folder();
    List<Long> pids;
    try {
      long begin = System.nanoTime();
      Replicas replicas = new Replicas(first);
      replicas.apply(Replicas.manifest("chat", Replicas.simulated(mark), count));
      List<Replicas.Shown> ready = replicas.awaitReady(count);
      run.check(count + " replicas are ready", Replicas.ready(ready, count), ready);
      run.figure("seconds until " + count + " replicas were ready", seconds(begin));
      pids = ready.stream().map(Replicas.Shown::pid).toList();
      idle(first, count);
    } finally {
      first.kill();
    }
    long begin = System.nanoTime();
    WeirProcess second = WeirProcess.upAgain(folder);
    try {
      List<Replicas.Shown> found = new Replicas(second).awaitReady(count);
      run.figure("seconds until all were adopted, including the start of Weir", seconds(begin));
      run.check(
          "all are adopted", found.stream().map(Replicas.Shown::pid).toList().equals(pids), found);
      run.check(
          "no replica is restarted",
          found.stream().allMatch(each -> each.restarts() == 0) && engines.all().size() == count,
          engines.all().size());
    } finally {
      begin = System.nanoTime();
      second.close();
    }
    run.figure("seconds until all were stopped, including the drain", seconds(begin));
    run.check("no engine is left", engines.all().isEmpty(), engines.all());
  }

  private void idle(WeirProcess weir, int count) throws IOException {
    Duration watched = run.full() ? IDLE : SHORT_IDLE;
    Usage before = Usage.of(weir.pid());
    LockSupport.parkNanos(watched.toNanos());
    Usage after = Usage.of(weir.pid());
    double perMinute =
        (after.cpuSeconds() - before.cpuSeconds()) * SECONDS_PER_MINUTE / watched.toSeconds();
    run.figure("CPU seconds per minute of Weir with " + count + " idle replicas", perMinute);
    run.figure("resident MiB of Weir with " + count + " replicas", after.residentKib() / 1024);
    if (run.full()) {
      run.check("supervision is cheap", perMinute < MOST_CPU_SECONDS, perMinute);
    }
  }

  private static long seconds(long begin) {
    return Duration.ofNanos(System.nanoTime() - begin).toSeconds();
  }
}
