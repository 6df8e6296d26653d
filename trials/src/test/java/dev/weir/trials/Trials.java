// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials;

import dev.weir.trials.alerts.AlertsTrial;
import dev.weir.trials.clients.ClientsTrial;
import dev.weir.trials.clients.RestartTrial;
import dev.weir.trials.clients.TlsTrial;
import dev.weir.trials.coverage.CoverageTrial;
import dev.weir.trials.crash.CrashTrial;
import dev.weir.trials.docs.ReadmeTrial;
import dev.weir.trials.engine.EngineTrial;
import dev.weir.trials.faults.FaultsTrial;
import dev.weir.trials.faults.SoakTrial;
import dev.weir.trials.foreign.ForeignTrial;
import dev.weir.trials.fuzz.FuzzTrial;
import dev.weir.trials.matrix.MatrixTrial;
import dev.weir.trials.overload.OverloadTrial;
import dev.weir.trials.partition.PartitionTrial;
import dev.weir.trials.protocol.ProtocolTrial;
import dev.weir.trials.provider.CapacityTrial;
import dev.weir.trials.provider.ExternalTrial;
import dev.weir.trials.provider.ProviderTrial;
import dev.weir.trials.release.QualityTrial;
import dev.weir.trials.release.ReleasesTrial;
import dev.weir.trials.release.ShadowTrial;
import dev.weir.trials.release.StrategiesTrial;
import dev.weir.trials.release.ThinTrial;
import dev.weir.trials.release.TraceTrial;
import dev.weir.trials.run.LeftoverProcesses;
import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialReport;
import dev.weir.trials.run.TrialResult;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.starved.StarvedTrial;
import dev.weir.trials.store.StoreTrial;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/// `./dev trials [NAME] [--ci|--full] [--seed N] [--json] [--report FILE] [--mutate BUG] [--only
/// PART] [--list]`.
public final class Trials {
  private static final List<Trial> ALL =
      List.of(
          new ClientsTrial(),
          new RestartTrial(),
          new ReleasesTrial(),
          new StrategiesTrial(),
          new CapacityTrial(),
          new QualityTrial(),
          new TraceTrial(),
          new EngineTrial(),
          new ExternalTrial(),
          new ForeignTrial(),
          new FuzzTrial(),
          new ProviderTrial(),
          new StoreTrial(),
          new TlsTrial(),
          new PartitionTrial(),
          new CrashTrial(),
          new OperationsTrial(),
          new FaultsTrial(),
          new SoakTrial(),
          new ProtocolTrial(),
          new CoverageTrial(),
          new OverloadTrial(),
          new StarvedTrial(),
          new AlertsTrial(),
          new MatrixTrial(),
          new ThinTrial(),
          new ShadowTrial(),
          new ReadmeTrial());

  private Trials() {}

  public static void main(String[] args) {
    System.exit(run(List.of(args)));
  }

  /// @param name empty: all
  /// @param report where a page for people is written
  /// @param mutation the deliberate bug to plant
  /// @param only for trials of named cases, parts of the names, separated by commas
  private record Options(
      Optional<String> name,
      boolean full,
      long seed,
      boolean json,
      Optional<Path> report,
      Optional<String> mutation,
      Optional<String> only) {

    /// The options that select this variant of the run.
    String description() {
      String some = only.map(parts -> " --only " + parts).orElse("");
      return (full ? "--full" : "--ci") + " --seed " + seed + some;
    }
  }

  private static int run(List<String> args) {
    if (args.contains("--list")) {
      ALL.forEach(Trials::print);
      return 0;
    }
    Options options;
    try {
      options = parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println("trials: " + e.getMessage());
      return 64;
    }
    List<TrialResult> results = new ArrayList<>();
    int passed = 0;
    int failed = 0;
    int skipped = 0;
    for (Trial trial : chosen(options)) {
      TrialRun run =
          new TrialRun(options.full(), options.seed(), options.mutation(), options.only());
      results.add(play(trial, run));
      passed += run.passed();
      failed += run.failures().size();
      skipped += run.skipped().size();
    }
    options.report().ifPresent(file -> TrialReport.write(file, options.description(), results));
    if (options.json()) {
      System.out.println(
          JsonMapper.builder().build().writeValueAsString(Map.of("trials", results)));
    }
    System.err.flush();
    (options.json() ? System.err : System.out)
        .printf(Locale.ROOT, "%d passed, %d failed, %d skipped%n", passed, failed, skipped);
    return failed > 0 || passed == 0 ? 1 : 0;
  }

  private static void print(Trial trial) {
    String bugs = trial.mutations().isEmpty() ? "" : "; --mutate " + trial.mutations();
    System.out.printf("%-12s %s%s%n", trial.name(), trial.about(), bugs);
  }

  private static TrialResult play(Trial trial, TrialRun run) {
    System.err.println(trial.name() + ": " + trial.about());
    long start = System.nanoTime();
    try {
      trial.run(run);
    } catch (Exception | AssertionError e) {
      run.fail(trial.name() + " ended with " + e);
      e.printStackTrace();
    }
    LeftoverProcesses.ofThisRun()
        .ifPresentOrElse(
            leftoverProcesses -> leftoverProcesses.judge(run),
            () ->
                run.fail(
                    "TRIAL_RUN_FOLDER is not set, so leftover processes are unknown; run the trial with ./dev"));
    double seconds = (System.nanoTime() - start) / 1e9;
    System.err.printf(
        Locale.ROOT,
        "%s: %d passed, %d failed, %d skipped in %.0f s%n",
        trial.name(),
        run.passed(),
        run.failures().size(),
        run.skipped().size(),
        seconds);
    return TrialResult.of(trial.name(), run, seconds);
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
    Optional<Path> report = Optional.empty();
    Optional<String> mutation = Optional.empty();
    Optional<String> only = Optional.empty();
    for (int i = 0; i < args.size(); i++) {
      String arg = args.get(i);
      switch (arg) {
        case "--ci" -> full = false;
        case "--full" -> full = true;
        case "--json" -> json = true;
        case "--seed" -> seed = Long.parseLong(value(args, ++i));
        case "--report" -> report = Optional.of(Path.of(value(args, ++i)));
        case "--only" -> only = Optional.of(value(args, ++i));
        case "--mutate" -> mutation = Optional.of(value(args, ++i));
        default -> name = Optional.of(trialNamed(arg));
      }
    }
    requireKnown(name, mutation);
    return new Options(name, full, seed, json, report, mutation, only);
  }

  private static String value(List<String> args, int at) {
    if (at >= args.size()) {
      throw new IllegalArgumentException(args.get(at - 1) + " needs a value");
    }
    return args.get(at);
  }

  private static void requireKnown(Optional<String> name, Optional<String> mutation) {
    List<String> known =
        ALL.stream()
            .filter(trial -> name.equals(Optional.of(trial.name())))
            .flatMap(trial -> trial.mutations().stream())
            .toList();
    if (mutation.isPresent() && !known.contains(mutation.get())) {
      throw new IllegalArgumentException(
          "no bug '" + mutation.get() + "' to plant here; there are " + known);
    }
  }

  private static String trialNamed(String name) {
    List<String> names = ALL.stream().map(Trial::name).toList();
    if (!names.contains(name)) {
      throw new IllegalArgumentException("no trial '" + name + "'; there are " + names);
    }
    return name;
  }
}
