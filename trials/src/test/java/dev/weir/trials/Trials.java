// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/// `./dev trials [NAME] [--ci|--full] [--seed N] [--json] [--list]`.
public final class Trials {
  private static final List<Trial> ALL =
      List.of(new ClientsTrial(), new RestartTrial(), new ReleasesTrial(), new TraceTrial());

  private Trials() {}

  public static void main(String[] args) {
    System.exit(run(List.of(args)));
  }

  /// @param name empty: all
  private record Options(Optional<String> name, boolean full, long seed, boolean json) {}

  private static int run(List<String> args) {
    if (args.contains("--list")) {
      ALL.forEach(trial -> System.out.printf("%-12s %s%n", trial.name(), trial.about()));
      return 0;
    }
    Options options;
    try {
      options = parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println("trials: " + e.getMessage());
      return 64;
    }
    List<Map<String, Object>> results = new ArrayList<>();
    int passed = 0;
    int failed = 0;
    int skipped = 0;
    for (Trial trial : chosen(options)) {
      TrialRun run = new TrialRun(options.full(), options.seed());
      results.add(play(trial, run));
      passed += run.passed();
      failed += run.failures().size();
      skipped += run.skipped().size();
    }
    if (options.json()) {
      System.out.println(
          JsonMapper.builder().build().writeValueAsString(Map.of("trials", results)));
    }
    System.err.flush();
    (options.json() ? System.err : System.out)
        .printf(Locale.ROOT, "%d passed, %d failed, %d skipped%n", passed, failed, skipped);
    return failed > 0 || passed == 0 ? 1 : 0;
  }

  private static Map<String, Object> play(Trial trial, TrialRun run) {
    System.err.println(trial.name() + ": " + trial.about());
    long start = System.nanoTime();
    try {
      trial.run(run);
    } catch (Exception | AssertionError e) {
      run.fail(trial.name() + " ended with " + e);
      e.printStackTrace();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    System.err.printf(
        Locale.ROOT,
        "%s: %d passed, %d failed, %d skipped in %.0f s%n",
        trial.name(),
        run.passed(),
        run.failures().size(),
        run.skipped().size(),
        seconds);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("name", trial.name());
    result.put("cases", run.passed() + run.failures().size() + run.skipped().size());
    result.put("passed", run.passed());
    result.put("failed", run.failures().size());
    result.put("skipped", run.skipped().size());
    result.put("seconds", seconds);
    result.put("figures", run.figures());
    result.put("reasonsSkipped", run.skipped());
    result.put("failures", run.failures());
    return result;
  }

  private static List<Trial> chosen(Options options) {
    return ALL.stream()
        .filter(trial -> options.name().map(trial.name()::equals).orElse(true))
        .toList();
  }

  private static Options parse(List<String> args) {
    Optional<String> name = Optional.empty();
    boolean full = false;
    boolean json = false;
    long seed = 1;
    for (int i = 0; i < args.size(); i++) {
      String arg = args.get(i);
      switch (arg) {
        case "--ci" -> full = false;
        case "--full" -> full = true;
        case "--json" -> json = true;
        case "--seed" -> {
          if (i + 1 >= args.size()) {
            throw new IllegalArgumentException("--seed needs a number");
          }
          seed = Long.parseLong(args.get(++i));
        }
        default -> name = Optional.of(trialNamed(arg));
      }
    }
    return new Options(name, full, seed, json);
  }

  private static String trialNamed(String name) {
    List<String> names = ALL.stream().map(Trial::name).toList();
    if (!names.contains(name)) {
      throw new IllegalArgumentException("no trial '" + name + "'; there are " + names);
    }
    return name;
  }
}
