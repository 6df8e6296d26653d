// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.release;

import dev.weir.control.release.HealthyReleases.Ended;
import dev.weir.testkit.ClopperPearson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// `./dev bench releases [--runs N] [--seed N] [--report FILE]`: healthy releases through the whole
/// control plane, half of them with the default tolerances and half with none. Exit status 0 when
/// false reverts are within alpha, 1 when not, 64 for wrong usage.
final class ReleasesBench {
  private static final double ALPHA = .01;
  private static final int PER_WORLD = 10;
  private static final long STRICT_SEEDS = 1_000_000;

  private ReleasesBench() {}

  private record Options(int runs, long seed, String report) {
    static Options parse(String... args) {
      Options options = new Options(2_000, 20_261_123, "");
      for (int i = 0; i + 1 < args.length; i += 2) {
        options = options.with(args[i], args[i + 1]);
      }
      if (args.length % 2 != 0 || options.runs < 2 * PER_WORLD) {
        throw new IllegalArgumentException(
            "wants [--runs N] [--seed N] [--report FILE], N from " + 2 * PER_WORLD);
      }
      return options;
    }

    private Options with(String name, String value) {
      return switch (name) {
        case "--runs" -> new Options(Integer.parseInt(value), seed, report);
        case "--seed" -> new Options(runs, Long.parseLong(value), report);
        case "--report" -> new Options(runs, seed, value);
        default -> throw new IllegalArgumentException("unknown option " + name);
      };
    }
  }

  /// One half of the runs.
  private record Half(String name, List<Ended> ended) {
    long reverted() {
      return ended.stream().filter(Ended::reverted).count();
    }

    double upperPercent() {
      return 100 * ClopperPearson.upper95(reverted(), ended.size());
    }

    boolean holds() {
      return upperPercent() <= 100 * ALPHA;
    }

    String line() {
      Map<String, Long> endings =
          ended.stream()
              .collect(
                  Collectors.groupingBy(
                      e -> e.phase().text(), TreeMap::new, Collectors.counting()));
      double[] seconds = ended.stream().mapToDouble(Ended::seconds).sorted().toArray();
      return String.format(
          Locale.ROOT,
          "| %s | %d | %d %s | %.2f %% | %s | %.0f | %.0f |%n",
          name,
          ended.size(),
          reverted(),
          ended.stream().filter(Ended::reverted).map(Ended::decidedBy).toList(),
          upperPercent(),
          endings,
          seconds[seconds.length / 2],
          seconds[(int) (.95 * seconds.length)]);
    }
  }

  public static void main(String[] args) throws IOException {
    Options options;
    try {
      options = Options.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println("bench releases: " + e.getMessage());
      System.exit(64);
      return;
    }
    List<Half> halves =
        List.of(
            new Half("the defaults", play(options, false)),
            new Half("nothing tolerated", play(options, true)));
    String page = page(options, halves);
    if (!options.report().isEmpty()) {
      Files.writeString(Path.of(options.report()), page);
    }
    System.out.println(page);
    System.exit(halves.stream().allMatch(Half::holds) ? 0 : 1);
  }

  private static List<Ended> play(Options options, boolean strict) {
    ExecutorService cores =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      int wanted = options.runs() / 2;
      List<Ended> ended = new ArrayList<>();
      // A world ends early when a release is not promoted: another makes up for it.
      for (long seed = options.seed() + (strict ? STRICT_SEEDS : 0); ended.size() < wanted; ) {
        List<Future<List<Ended>>> playing = new ArrayList<>();
        for (int missing = wanted - ended.size(); missing > 0; missing -= PER_WORLD) {
          long own = seed++;
          int releases = Math.min(PER_WORLD, missing);
          playing.add(cores.submit(() -> inFolder(own, releases, strict)));
        }
        playing.forEach(one -> ended.addAll(await(one)));
      }
      return ended;
    } finally {
      cores.shutdownNow();
    }
  }

  private static List<Ended> inFolder(long seed, int releases, boolean strict) {
    try {
      Path folder = Files.createTempDirectory("weir-releases");
      try {
        List<Ended> ended = HealthyReleases.play(folder, seed, releases, strict);
        System.err.printf("seed %d: %d releases%n", seed, ended.size());
        return ended;
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static List<Ended> await(Future<List<Ended>> one) {
    try {
      return one.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a world broke", e);
    }
  }

  private static String page(Options options, List<Half> halves) {
    StringBuilder page =
        new StringBuilder(
            """
            # Healthy releases through the whole control plane

            Written by `./dev bench releases --report docs/trials/releases-aa.md`; do not edit by hand.

            Seeds from %d, one for each %d releases; a million above where nothing is tolerated.

            Versions that answer alike are released one after the other, 25 and 50 %%, on a real control plane
            (`Control`: the telemetry intake, cohorts, `AnalysisRunner`, `RolloutMachine`, audit, SQLite, snapshots)
            with a clock that is moved by hand, fake replicas, and a gateway that draws 200 req/s under load that
            wanders (AR(1), sd .15) and bursts, sends every batch twice and tells of fast failures. 0.5 %% of the
            requests fail at once; TTFT is lognormal around .35 s. alpha = %s; the limit is Clopper and Pearson's,
            one-sided, 95 %%. After every half second the world also checks that no replica is stopped that
            a gateway routes to, that a canary has traffic only while its rollout serves, and that each snapshot
            is sound.

            | tolerances | releases | reverted | 95 %% upper limit | endings | median s | 95 %% s |
            |---|---|---|---|---|---|---|
            """
                .formatted(options.seed(), PER_WORLD, ALPHA));
    halves.forEach(half -> page.append(half.line()));
    page.append(
        """

        "Nothing tolerated" is the exact null: the hardest traffic on which alpha still has to hold. A
        release that is inconclusive after five minutes in a step is `Paused` and counts as not reverted.

        """);
    page.append(
        halves.stream().allMatch(Half::holds)
            ? "Everything holds.\n"
            : "Does not hold: more healthy releases are reverted than alpha allows.\n");
    return page.toString();
  }
}
