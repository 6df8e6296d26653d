// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.control;

import dev.weir.client.WeirClient;
import dev.weir.model.status.ReplicaState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/// `./dev bench control [--json] [--services N,N...] [--replicas N] [--seed N] [--full] [--report
/// FILE]`: what a real `weir control` costs while nothing changes, by the number of Services. Exit
/// status 64 for wrong usage.
public final class ControlBench {
  private static final List<Integer> USUAL = List.of(10, 100, 300, 1_000);
  private static final List<Integer> FULL = List.of(10, 100, 300, 1_000, 2_000);
  private static final int MOST_SERVICES = 10_000;
  private static final int MOST_REPLICAS = 100;

  /// Services in one apply.
  private static final int BATCH = 250;

  private static final Duration READY_WITHIN = Duration.ofMinutes(4);
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  /// Until what the start and the last apply caused has ended, compilation by the JVM included: a
  /// control plane runs for weeks, so what it costs in its first minute is not its idle cost.
  private static final Duration SETTLE = Duration.ofSeconds(90);

  private static final Duration MEASURE = Duration.ofSeconds(30);

  private ControlBench() {}

  /// @param replicas of each Service
  /// @param report where to write the page, empty for nowhere
  record Options(boolean json, List<Integer> services, int replicas, String report) {
    static Options parse(String... args) {
      Options o = new Options(false, USUAL, 3, "");
      for (int i = 0; i < args.length; i++) {
        o =
            switch (args[i]) {
              case "--json" -> new Options(true, o.services, o.replicas, o.report);
              case "--full" -> new Options(o.json, FULL, o.replicas, o.report);
              case "--services" -> new Options(o.json, sizes(args, ++i), o.replicas, o.report);
              case "--replicas" ->
                  new Options(o.json, o.services, number(args, ++i, MOST_REPLICAS), o.report);
              case "--report" -> new Options(o.json, o.services, o.replicas, value(args, ++i));
              // All benches take one; nothing here is left to chance.
              case "--seed" -> {
                String _ = value(args, ++i);
                yield o;
              }
              default -> throw new IllegalArgumentException("unknown option " + args[i]);
            };
      }
      return o;
    }

    private static String value(String[] args, int at) {
      if (at >= args.length) {
        throw new IllegalArgumentException(args[at - 1] + " needs a value");
      }
      return args[at];
    }

    private static List<Integer> sizes(String[] args, int at) {
      List<Integer> sizes = new ArrayList<>();
      for (String size : value(args, at).split(",", -1)) {
        sizes.add(number(args[at - 1], size, MOST_SERVICES));
      }
      return List.copyOf(sizes);
    }

    private static int number(String[] args, int at, int most) {
      return number(args[at - 1], value(args, at), most);
    }

    private static int number(String option, String text, int most) {
      if (text.matches("[0-9]{1,6}")) {
        int number = Integer.parseInt(text);
        if (number >= 1 && number <= most) {
          return number;
        }
      }
      throw new IllegalArgumentException(
          "%s takes numbers from 1 to %d, not '%s'".formatted(option, most, text));
    }
  }

  public static void main(String[] args) throws IOException {
    Options options;
    try {
      options = Options.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println("bench control: " + e.getMessage());
      System.exit(64);
      return;
    }
    List<ControlBenchRow> rows = new ArrayList<>();
    for (int services : options.services()) {
      rows.add(measure(services, options.replicas()));
      System.err.println(ControlReport.line(rows.getLast()));
    }
    ControlReport report = new ControlReport(rows);
    if (!options.report().isEmpty()) {
      Files.writeString(Path.of(options.report()), report.page());
    }
    System.out.println(options.json() ? report.json() : report.page());
    System.exit(0);
  }

  private static ControlBenchRow measure(int services, int replicas) throws IOException {
    Path folder = Files.createTempDirectory("weir-bench-control");
    try (MockEngines engines = new MockEngines()) {
      Idle idle;
      double readySeconds;
      try (ControlProcess control = ControlProcess.start(folder)) {
        long begun = System.nanoTime();
        apply(control.client(), engines, services, replicas);
        awaitReady(control.client(), engines, services * replicas);
        readySeconds = seconds(begun);
        long _ = pause(SETTLE, engines);
        idle = Idle.of(control, engines);
      }
      try (ControlProcess again = ControlProcess.start(folder)) {
        return new ControlBenchRow(
            services,
            services * replicas,
            0,
            "sqlite",
            idle.corePercent(),
            idle.probesPerSecond(),
            readySeconds,
            idle.memoryMiB(),
            again.startSeconds());
      }
    }
  }

  /// The resources that the process used during the measurement.
  private record Idle(double corePercent, double probesPerSecond, double memoryMiB) {
    static Idle of(ControlProcess control, MockEngines engines) throws IOException {
      long _ = engines.takeRequests();
      double before = control.cpuSeconds();
      long begun = System.nanoTime();
      long requests = pause(MEASURE, engines);
      double used = control.cpuSeconds() - before;
      double elapsed = seconds(begun);
      return new Idle(100 * used / elapsed, requests / elapsed, control.memoryMiB());
    }
  }

  private static void apply(WeirClient client, MockEngines engines, int services, int replicas) {
    client.apply(MockEngines.sharedManifest(), false, "bench");
    for (int first = 0; first < services; first += BATCH) {
      int count = Math.min(BATCH, services - first);
      client.apply(engines.services(first, count, replicas), false, "bench");
    }
  }

  private static void awaitReady(WeirClient client, MockEngines engines, int replicas)
      throws IOException {
    long begun = System.nanoTime();
    while (ready(client) < replicas) {
      if (System.nanoTime() - begun > READY_WITHIN.toNanos()) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%d of %d replicas were Ready after %d s",
                ready(client),
                replicas,
                READY_WITHIN.toSeconds()));
      }
      long _ = pause(BETWEEN_LOOKS, engines);
    }
  }

  private static long ready(WeirClient client) {
    return client.replicas().stream()
        .filter(replica -> replica.state() == ReplicaState.READY)
        .count();
  }

  /// @return requests that came to engines meanwhile
  private static long pause(Duration time, MockEngines engines) {
    long end = System.nanoTime() + time.toNanos();
    long requests = 0;
    for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(Math.min(left, BETWEEN_LOOKS.toNanos()));
      requests += engines.takeRequests();
    }
    return requests;
  }

  private static double seconds(long begunNanos) {
    return (System.nanoTime() - begunNanos) / 1e9;
  }
}
