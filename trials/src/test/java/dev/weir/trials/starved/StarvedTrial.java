// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.starved;

import dev.weir.testkit.FakeModelServer;
import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.TrialManifests;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Weir with about a tenth of a core and 45 requests a second or more from clients that time out,
/// beside an engine with enough CPU. No answer arrives after its deadline, the engine is not called
/// for a disconnected client, and clients are served at once when the load ends.
public final class StarvedTrial implements Trial {
  private static final String GENEROUS = "deadline-of-a-minute";
  private static final int PERCENT = 10;

  /// Requests per second, raised in this order until Weir refuses some: a tenth of a fast core
  /// serves a load that overloads a tenth of a slow one.
  private static final double[] OFFERED = {45, 90, 180, 360};

  private static final Duration TOTAL = Duration.ofSeconds(5);

  /// For bytes in flight, half a second in which Weir reports the deadline, and periods of the
  /// quota in which the gateway does not run.
  private static final Duration TOLERANCE = Duration.ofMillis(1_500);

  private static final List<Duration> PATIENCE =
      List.of(Duration.ofSeconds(30), Duration.ofSeconds(2), Duration.ofSeconds(4));
  private static final Duration RECOVERY = Duration.ofSeconds(5);
  private static final Pattern ID = Pattern.compile("<([a-z]+(?:-[0-9]+)+)>");

  @Override
  public String name() {
    return "starved";
  }

  @Override
  public String about() {
    return "a gateway with a tenth of a core under overload: deadlines, refusals, recovery";
  }

  @Override
  public List<String> mutations() {
    return List.of(GENEROUS);
  }

  @Override
  public void run(TrialRun run) throws Exception {
    try (FakeModelServer engine = FakeModelServer.start();
        WeirProcess weir = WeirProcess.up()) {
      weir.apply(manifest(engine.url(), run.mutated(GENEROUS) ? Duration.ofMinutes(1) : TOTAL));
      new Play(run, weir, engine, new AtomicInteger(), new AtomicInteger()).play();
    }
  }

  private static String manifest(String url, Duration total) {
    return TrialManifests.externalTarget()
        + TrialManifests.externalModel("starved", 1)
        + TrialManifests.externalService(
            "starved",
            "starved@1",
            List.of(url),
            "{timeouts: {connect: 1s, firstToken: 4s, stall: 4s, total: %ds}}"
                .formatted(total.toSeconds()));
  }

  /// The connection on which the trial reads metrics.
  private static final long OWN = 1;

  /// States of a connection that its owner has not closed: established, or closed by the client.
  private static final Set<String> OPEN = Set.of("01", "08");

  private record Play(
      TrialRun run,
      WeirProcess weir,
      FakeModelServer engine,
      AtomicInteger calls,
      AtomicInteger stale) {
    void play() throws Exception {
      underLoad();
      long after = settled(OWN);
      run.check("connections close after their clients disconnect", after <= OWN, after);
      run.check("Weir is alive", weir.alive(), "it is not");
    }

    private void underLoad() throws Exception {
      Visitors visitors = new Visitors(weir.gateway(), weir.inferenceKey(), "starved");
      try (visitors) {
        engine.byDefault((received, wire) -> answer(visitors, received, wire));
        visitors.send("warm", 20, Duration.ofSeconds(10), List.of(Duration.ofSeconds(10)));
        long start = System.nanoTime();
        calls.set(0);
        try (CpuQuota confined = CpuQuota.of(weir.pid(), PERCENT)) {
          run.figure("confined by", confined.how());
          Duration load = Duration.ofSeconds(run.full() ? 120 : 25);
          overload(visitors, load);
          long end = System.nanoTime();
          visitors.send("after", 1, Duration.ofSeconds(20), List.of(Duration.ofSeconds(10)));
          TimeUnit.SECONDS.sleep(10);
          judge(visitors.between(start, end), calls.get());
          recovered(visitors.between(end + RECOVERY.toNanos(), System.nanoTime()));
        }
      }
    }

    /// Raises the load until Weir refuses some of it.
    private void overload(Visitors visitors, Duration load) throws Exception {
      for (double offered : OFFERED) {
        long start = System.nanoTime();
        run.figure("offered, req/s", offered);
        visitors.send("load-%.0f".formatted(offered), offered, load, PATIENCE);
        if (!refused(visitors.between(start, System.nanoTime())).isEmpty()) {
          return;
        }
      }
    }

    /// The engine takes 200 ms and counts requests of disconnected clients.
    private boolean answer(
        Visitors visitors, FakeModelServer.Received received, FakeModelServer.Wire wire)
        throws IOException {
      Matcher id = ID.matcher(received.body());
      if (!id.find()) {
        wire.answer(200, "application/json", ANSWER);
        return true;
      }
      calls.incrementAndGet();
      if (visitors.hasLeft(id.group(1))) {
        stale.incrementAndGet();
      }
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
      wire.answer(200, "application/json", ANSWER);
      return true;
    }

    private static final String ANSWER =
        """
        {"id":"a","object":"chat.completion","created":1,"model":"starved","choices":[{"index":0,
         "message":{"role":"assistant","content":"yes"},"finish_reason":"stop"}],
         "usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}
        """;

    private void judge(List<Visit> load, int called) throws Exception {
      List<Visit> late =
          load.stream()
              .filter(Visit::answered)
              .filter(visit -> visit.tookNanos() > TOTAL.plus(TOLERANCE).toNanos())
              .toList();
      List<Visit> refused = refused(load);
      long untold = refused.stream().filter(visit -> !visit.retryAfter()).count();
      long good = load.stream().filter(Visit::good).count();
      run.figure("offered", load.size());
      run.figure("statuses (0 closed, -1 gave up)", statuses(load));
      run.figure("slowest answer, ms", slowest(load));
      run.figure("slowest refusal, ms", slowest(refused));
      run.figure("engine calls, of these for disconnected clients", called + ", " + stale.get());
      metrics();
      run.check("no answer comes after its deadline", late.isEmpty(), first(late));
      run.check("requests are refused", !refused.isEmpty(), statuses(load));
      run.check("each refusal has Retry-After", untold == 0, untold);
      run.check("some requests are served", good > 0, statuses(load));
      run.check(
          "the engine is not called for disconnected clients",
          stale.get() <= Math.max(5, called / 20),
          stale.get() + " of " + called);
    }

    private static List<Visit> refused(List<Visit> visits) {
      return visits.stream().filter(visit -> visit.status() == 503).toList();
    }

    private void metrics() throws Exception {
      String page = weir.get(weir.gateway() + "/metrics", Map.of()).body();
      page.lines()
          .filter(line -> line.matches("weir_(requests_shed|requests_dropped|eventloop).*"))
          .forEach(run::say);
    }

    private void recovered(List<Visit> after) {
      long good = after.stream().filter(Visit::good).count();
      run.figure("served from 5 s after the load", good + " of " + after.size());
      run.check(
          "clients are served again five seconds after the load",
          !after.isEmpty() && good >= .9 * after.size(),
          statuses(after));
    }

    private static Map<Integer, Integer> statuses(List<Visit> visits) {
      Map<Integer, Integer> counts = new TreeMap<>();
      visits.forEach(visit -> counts.merge(visit.status(), 1, Integer::sum));
      return counts;
    }

    private static List<Visit> first(List<Visit> visits) {
      return new ArrayList<>(visits.subList(0, Math.min(5, visits.size())));
    }

    private static long slowest(List<Visit> visits) {
      return visits.stream()
          .filter(Visit::answered)
          .mapToLong(visit -> visit.tookNanos() / 1_000_000)
          .max()
          .orElse(0);
    }

    /// Connections of clients, read until there are few enough, for at most 20 s.
    private long settled(long most) throws IOException, InterruptedException {
      long open = clientConnections();
      for (int i = 0; i < 40 && open > most; i++) {
        TimeUnit.MILLISECONDS.sleep(500);
        open = clientConnections();
      }
      return open;
    }

    /// Connections at the gateway's port that it has not closed: established, or closed by the
    /// client. The pooled connections to the engine do not count.
    private long clientConnections() throws IOException {
      String port = ":%04X".formatted(URI.create(weir.gateway()).getPort());
      long open = 0;
      for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
        Path file = Path.of(table);
        open +=
            Files.exists(file)
                ? Files.readAllLines(file).stream().filter(line -> isOpen(line, port)).count()
                : 0;
      }
      return open;
    }

    private static boolean isOpen(String line, String port) {
      String[] fields = line.strip().split("\\s+", 5);
      return fields.length > 3 && fields[1].endsWith(port) && OPEN.contains(fields[3]);
    }
  }
}
