// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.release;

import dev.weir.rehearsal.DemoOptions;
import dev.weir.rehearsal.DemoReport;
import dev.weir.rehearsal.DemoRun;
import dev.weir.rehearsal.DemoScenario;
import dev.weir.rehearsal.Narrator;
import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.WeirProcess;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// Releases as in the demo, in an order drawn from the seed. Good releases are promoted, bad ones
/// are rolled back, and no request fails.
public final class ReleasesTrial implements Trial {
  /// Releases on one stack. The next stack has another seed of traffic.
  private static final int RELEASES_PER_STACK = 3;

  @Override
  public String name() {
    return "releases";
  }

  @Override
  public String about() {
    return "good releases are promoted, bad ones rolled back (1 + 2; --full: 10 + 20)";
  }

  @Override
  public void run(TrialRun run) throws Exception {
    int good = run.full() ? 10 : 1;
    int bad = run.full() ? 20 : 2;
    List<DemoScenario.Act> order = shuffled(good, bad, new SplittableRandom(run.seed()));
    long seed = run.seed();
    List<Double> toRevert = new ArrayList<>();
    List<Double> toPromote = new ArrayList<>();
    for (int i = 0; i < order.size(); i += RELEASES_PER_STACK) {
      List<DemoScenario.Act> acts =
          order.subList(i, Math.min(order.size(), i + RELEASES_PER_STACK));
      DemoReport report = Rehearsals.play(new DemoScenario(acts), Optional.empty(), seed++);
      judge(run, report, toPromote, toRevert);
    }
    run.figure("secondsToPromote", toPromote.stream().sorted().toList());
    run.figure("secondsToRevert", toRevert.stream().sorted().toList());
  }

  private static List<DemoScenario.Act> shuffled(int good, int bad, SplittableRandom random) {
    List<DemoScenario.Act> acts = new ArrayList<>();
    for (int i = 0; i < good + bad; i++) {
      acts.add(
          random.nextInt(acts.size() + 1),
          i < good ? new DemoScenario.GoodRelease() : new DemoScenario.BadRelease());
    }
    return acts;
  }

  private static void judge(
      TrialRun run, DemoReport report, List<Double> toPromote, List<Double> toRevert) {
    run.check("no request fails", report.requests().failed() == 0, report.requests());
    run.check("the audit chain is unbroken", report.audit().verified(), report.audit());
    for (DemoReport.Release release : report.releases()) {
      switch (release) {
        case DemoReport.Good promoted -> {
          run.check("a good release is promoted", promoted.outcome().equals("Completed"), release);
          toPromote.add(promoted.seconds());
        }
        case DemoReport.Bad reverted -> {
          run.check(
              "a bad release is rolled back", reverted.outcome().equals("RolledBack"), release);
          run.check("the deciding metric is reported", !reverted.decidedBy().isEmpty(), release);
          toRevert.add(reverted.secondsToRevert());
        }
      }
    }
  }

  /// Runs rehearsals with the launcher under trial.
  static final class Rehearsals {
    private Rehearsals() {}

    static DemoReport play(DemoScenario scenario, Optional<java.nio.file.Path> trace, long seed)
        throws Exception {
      return DemoRun.play(
          scenario,
          DemoOptions.demo(
              List.of("env", "WEIR_NO_BUILD=1", WeirProcess.launcher().toString()),
              "trial",
              Files.createTempDirectory("weir-rehearsal"),
              trace,
              seed),
          new Narrator(System.err, false, System::nanoTime),
          System::nanoTime);
    }
  }
}
