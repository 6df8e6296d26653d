// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.bench.strata;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// `./dev bench strata [RUNS] [SEED]`: prints a table of simulated releases with and without
/// strata, and with and without cut streams among the fast failures.
public final class StrataBench {
  private static final int RUNS = 100;
  private static final long SEED = 20_261_203;

  private StrataBench() {}

  /// @param requestsPerSecond of both versions
  private record Row(Scenario scenario, double requestsPerSecond) {}

  public static void main(String... args) {
    int runs = args.length > 0 ? Integer.parseInt(args[0]) : RUNS;
    long seed = args.length > 1 ? Long.parseLong(args[1]) : SEED;
    String only = args.length > 2 ? args[2] : "";
    System.out.println(
        "| canary | requests/s | variant | promoted | reverted | median | bad answers, median (95 %) |"
            + " by |");
    System.out.println("|---|---|---|---|---|---|---|---|");
    for (Row row : rows()) {
      if (row.scenario().name().contains(only)) {
        System.out.print(line(row, results(row, runs, seed)));
      }
    }
  }

  private static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    addPrompts(rows);
    addNoise(rows);
    addCaches(rows);
    addKeys(rows);
    addCuts(rows);
    return rows;
  }

  private static void addPrompts(List<Row> rows) {
    for (double rate : List.of(1., 5., 10., 40., 200.)) {
      withAndWithout(rows, Scenario.prompts("healthy, prompts of all lengths", 1), rate);
    }
    for (double rate : List.of(5., 40.)) {
      for (double factor : List.of(1.25, 1.4, 1.5, 1.7, 2.)) {
        withAndWithout(rows, Scenario.prompts("TTFT x" + factor, factor), rate);
      }
    }
  }

  private static void addNoise(List<Row> rows) {
    for (double noise : List.of(.10, .25)) {
      for (double rate : List.of(5., 40., 200.)) {
        String name = "healthy, noise " + noise;
        withAndWithout(rows, Scenario.prompts(name, 1).withNoise(noise), rate);
      }
    }
  }

  private static void addCaches(List<Row> rows) {
    for (double rate : List.of(1., 5., 10., 40., 200.)) {
      withAndWithout(rows, Scenario.conversations("healthy, colder caches", 1), rate);
    }
    for (double rate : List.of(5., 40.)) {
      for (double factor : List.of(1.25, 1.5, 2.)) {
        String name = "colder caches, TTFT x" + factor;
        withAndWithout(rows, Scenario.conversations(name, factor), rate);
      }
      withAndWithout(rows, Scenario.withoutCache("engine without prefix cache"), rate);
    }
  }

  private static void addKeys(List<Row> rows) {
    for (double rate : List.of(5., 40.)) {
      for (double share : List.of(0., .7)) {
        String name = "one key has %.0f %%".formatted(100 * share);
        withAndWithout(rows, Scenario.ofOneKey("healthy, " + name, 1, share), rate);
        withAndWithout(rows, Scenario.ofOneKey("TTFT x2, " + name, 2, share), rate);
      }
    }
  }

  private static void addCuts(List<Row> rows) {
    for (double rate : List.of(5., 40., 200.)) {
      fastAndNot(rows, Scenario.cut("all streams cut, anywhere", 1, 1), rate);
      fastAndNot(rows, Scenario.cut("10 % of streams cut, anywhere", .1, 1), rate);
      fastAndNot(rows, Scenario.cut("10 % of streams cut at the start", .1, .02), rate);
      fastAndNot(rows, Scenario.cut("2 % of streams cut, anywhere", .02, 1), rate);
      fastAndNot(rows, Scenario.cut("healthy, known late", Scenario.USUAL_CUTS, 1), rate);
    }
  }

  private static void withAndWithout(List<Row> rows, Scenario scenario, double rate) {
    rows.add(new Row(scenario, rate));
    rows.add(new Row(scenario.withStrata(), rate));
  }

  private static void fastAndNot(List<Row> rows, Scenario scenario, double rate) {
    rows.add(new Row(scenario, rate));
    rows.add(new Row(scenario.withFastCuts(), rate));
  }

  private static List<Release.Result> results(Row row, int runs, long seed) {
    List<Release.Result> results = new ArrayList<>();
    for (int run = 0; run < runs; run++) {
      results.add(new Release(row.scenario(), row.requestsPerSecond(), seed + run).play());
    }
    return results;
  }

  private static String line(Row row, List<Release.Result> results) {
    Scenario of = row.scenario();
    Map<String, Integer> by = new TreeMap<>();
    results.forEach(
        result -> result.by().ifPresent(m -> by.merge(m.manifestName(), 1, Integer::sum)));
    List<Long> bad = results.stream().map(r -> of.late() ? r.cut() : r.served()).sorted().toList();
    return String.format(
        Locale.ROOT,
        "| %s | %.0f | %s | %d | %d | %s | %d (%d) | %s |%n",
        of.name(),
        row.requestsPerSecond(),
        of.late() ? (of.fastCuts() ? "fast cuts" : "-") : of.strata() ? "strata" : "-",
        count(results, Release.End.PROMOTED),
        count(results, Release.End.REVERTED),
        minutes(results.stream().map(Release.Result::seconds).sorted().toList()),
        bad.get(bad.size() / 2),
        bad.get((int) (.95 * (bad.size() - 1))),
        by);
  }

  private static String minutes(List<Long> seconds) {
    return String.format(Locale.ROOT, "%.2f min", seconds.get(seconds.size() / 2) / 60.);
  }

  private static long count(Collection<Release.Result> results, Release.End end) {
    return results.stream().filter(result -> result.end() == end).count();
  }
}
