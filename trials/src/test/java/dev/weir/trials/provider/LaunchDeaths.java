// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.provider;

import dev.weir.runtime.process.LaunchPoint;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.Replicas;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// One fleet, and one Weir after another that is killed at a point of a start, a crash or a stop.
/// Each next one must find what there is, finish what was begun, and start nothing twice.
final class LaunchDeaths {
  private static final Duration DEATH = Duration.ofSeconds(90);
  private static final Duration BETWEEN_COUNTS = Duration.ofMillis(100);

  private final TrialRun run;
  private final Engines engines;
  private final String mark;
  private final AtomicInteger most = new AtomicInteger();
  private int wanted = 1;
  private int crashes;
  private int broken;

  LaunchDeaths(TrialRun run) {
    this.run = run;
    this.mark = "deaths-" + ProcessHandle.current().pid();
    this.engines = new Engines("TRIAL=" + mark);
  }

  void play(List<LaunchPoint> points) throws Exception {
    Path folder = Files.createTempDirectory("weir-launches");
    AtomicBoolean counting = new AtomicBoolean(true);
    Thread counter = Thread.ofPlatform().start(() -> count(counting));
    try {
      for (LaunchPoint point : points) {
        die(folder, point);
      }
      try (WeirProcess last = WeirProcess.upAgain(folder)) {
        settled(last, "the last");
      }
    } finally {
      counting.set(false);
      counter.join();
    }
    run.check("no engine is left at the end", engines.all().isEmpty(), engines.all());
    run.check("no replica has two engines at any time", most.get() == 1, most.get());
    run.figure("points of a launch at which Weir was killed", points.toString());
  }

  private void count(AtomicBoolean counting) {
    while (counting.get()) {
      engines.perReplica().values().forEach(each -> most.accumulateAndGet(each, Math::max));
      LockSupport.parkNanos(BETWEEN_COUNTS.toNanos());
    }
  }

  private void die(Path folder, LaunchPoint point) throws Exception {
    Path armed = folder.resolve("armed");
    Files.deleteIfExists(armed);
    WeirProcess.Launch launch =
        WeirProcess.Launch.up(folder).program(MortalWeir.program(point.name(), armed));
    WeirProcess weir = WeirProcess.start(launch);
    try {
      settled(weir, "the Weir that is to die at " + point);
      Replicas replicas = new Replicas(weir);
      if (point.compareTo(LaunchPoint.STOP_SEEN) >= 0 && wanted == 1) {
        scale(replicas, 2);
        settled(weir, "a second replica before " + point);
      }
      Files.createFile(armed);
      provoke(replicas, point);
      run.check("Weir dies at " + point, weir.ended(DEATH), "it is alive");
    } finally {
      weir.kill();
      Files.deleteIfExists(armed);
    }
    Map<String, Integer> now = engines.perReplica();
    run.check(
        "one engine for each replica after a death at " + point,
        now.values().stream().allMatch(each -> each == 1),
        now);
  }

  private void provoke(Replicas replicas, LaunchPoint point) throws Exception {
    switch (point) {
      case START_DUE, RECORDED, FENCED, SPAWN_DUE, SPAWNED, READY_SEEN, READY_KEPT ->
          scale(replicas, wanted + 1);
      case END_SEEN, END_KEPT -> {
        crashes++;
        kill(chat(replicas.shown()).getFirst().pid());
      }
      case FAILURE_SEEN, FAILURE_KEPT -> {
        broken++;
        replicas.apply(
            Replicas.manifest(
                "broken-" + broken, "{type: vllm, command: [/bin/sh, \"-c\", \"exit 7\"]}", 1));
      }
      case STOP_SEEN, STOP_KEPT, SIGNALLED, GONE, FORGOTTEN -> scale(replicas, wanted - 1);
    }
  }

  private void scale(Replicas replicas, int count) throws IOException, InterruptedException {
    wanted = count;
    replicas.apply(Replicas.manifest("chat", Replicas.simulated(mark), count));
  }

  private static void kill(long pid) {
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
  }

  /// As many replicas as wanted, all Ready, each with its one engine, and no crash that was none.
  private void settled(WeirProcess weir, String who) throws IOException, InterruptedException {
    Replicas replicas = new Replicas(weir);
    if (replicas.shown().isEmpty()) {
      scale(replicas, wanted);
    }
    List<Replicas.Shown> seen =
        replicas.await(all ->
            Replicas.ready(chat(all), wanted) && failed(all) == broken && oneEach(chat(all)));
    List<Replicas.Shown> chat = chat(seen);
    run.check(who + " has all replicas ready", Replicas.ready(chat, wanted), seen);
    run.check(who + " has one engine for each replica", oneEach(chat), engines.all());
    run.check(who + " reports the broken replica", failed(seen) == broken, seen);
    int restarts = chat.stream().mapToInt(Replicas.Shown::restarts).sum();
    run.check(who + " counts the crashes that were, " + crashes, restarts == crashes, chat);
  }

  private boolean oneEach(List<Replicas.Shown> chat) {
    List<Long> running = new ArrayList<>(engines.all().stream().map(Engines.Engine::pid).toList());
    return running.size() == chat.size()
        && chat.stream().allMatch(each -> running.remove(each.pid()));
  }

  private static List<Replicas.Shown> chat(List<Replicas.Shown> all) {
    return all.stream().filter(each -> each.name().startsWith("chat-")).toList();
  }

  private static long failed(List<Replicas.Shown> all) {
    return all.stream()
        .filter(each -> each.name().startsWith("broken-") && each.state().equals("Failed"))
        .count();
  }
}
