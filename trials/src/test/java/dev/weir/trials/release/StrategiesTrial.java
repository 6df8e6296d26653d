// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.release;

import dev.weir.rehearsal.DemoReport;
import dev.weir.rehearsal.DemoScenario;
import dev.weir.rehearsal.DemoScenario.Act;
import dev.weir.rehearsal.DemoScenario.BadRelease;
import dev.weir.rehearsal.DemoScenario.GoodRelease;
import dev.weir.rehearsal.DemoScenario.ReleaseStyle;
import dev.weir.trials.release.ReleasesTrial.Rehearsals;
import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import java.util.List;
import java.util.Optional;

/// A good release and a bad release by every strategy, on real processes under constant traffic. No
/// request fails.
///
/// A bad version fails one answer in twenty and is slow to start. The strategy `recreate` compares
/// nothing, so it has no bad release here.
public final class StrategiesTrial implements Trial {
  private static final String BAKE = "bake: {duration: 10s}";
  private static final ReleaseStyle GATED =
      ReleaseStyle.quick(
          "canary with a step for some, a pause and a bake",
          "strategy: canary, steps: [{weight: 50, match: [{headers: {x-preview: \"1\"}}],"
              + " analysis: false, pause: 5s}, {weight: 25, pause: 20s}, {weight: 50}], "
              + BAKE);
  private static final ReleaseStyle RAMP =
      ReleaseStyle.quick(
          "ramp", "strategy: canary, ramp: {weights: [5, 20, 50], minDwell: 5s}, " + BAKE);
  private static final ReleaseStyle BLUE_GREEN =
      ReleaseStyle.quick(
          "blue-green, proven on copies",
          "strategy: blueGreen, blueGreen: {mirror: 30%, keepFor: 5s}, " + BAKE);
  private static final ReleaseStyle ROLLING =
      ReleaseStyle.quick(
          "rolling, one more than all", "strategy: rolling, rolling: {settle: 15s}, " + BAKE);
  private static final ReleaseStyle IN_PLACE =
      ReleaseStyle.quick(
          "rolling, one missing",
          "strategy: rolling, rolling: {settle: 15s, maxUnavailableGpus: 1}, " + BAKE);
  private static final ReleaseStyle SHADOW =
      ReleaseStyle.quick(
          "shadow", "strategy: shadow, shadow: {sample: 30%, promote: true}, " + BAKE);
  private static final ReleaseStyle RECREATE = ReleaseStyle.quick("recreate", "strategy: recreate");

  @Override
  public String name() {
    return "strategies";
  }

  @Override
  public String about() {
    return "a good and a bad release by every strategy (--ci: three releases)";
  }

  @Override
  public void run(TrialRun run) throws Exception {
    long seed = run.seed();
    for (List<Act> acts : run.full() ? all() : few()) {
      List<Act> stack = acts.stream().filter(act -> wanted(run, act)).toList();
      if (stack.isEmpty()) {
        continue;
      }
      judge(run, Rehearsals.play(new DemoScenario(stack), Optional.empty(), seed++), stack);
    }
  }

  private static boolean wanted(TrialRun run, Act act) {
    return run.wants(releaseStyle(act).about());
  }

  private static List<List<Act>> few() {
    return List.of(
        List.of(new BadRelease(BLUE_GREEN), new GoodRelease(ROLLING), new BadRelease(IN_PLACE)));
  }

  private static List<List<Act>> all() {
    return List.of(
        List.of(
            new GoodRelease(GATED),
            new BadRelease(GATED),
            new GoodRelease(BLUE_GREEN),
            new BadRelease(BLUE_GREEN)),
        List.of(
            new GoodRelease(ROLLING),
            new BadRelease(ROLLING),
            new GoodRelease(IN_PLACE),
            new BadRelease(IN_PLACE)),
        List.of(new GoodRelease(SHADOW), new BadRelease(SHADOW)),
        List.of(new GoodRelease(RECREATE)),
        List.of(new GoodRelease(RAMP), new BadRelease(RAMP)));
  }

  private static void judge(TrialRun run, DemoReport report, List<Act> acts) {
    run.check("no request fails", report.requests().failed() == 0, report.requests());
    run.check("the audit chain is unbroken", report.audit().verified(), report.audit());
    for (int i = 0; i < acts.size(); i++) {
      String by = releaseStyle(acts.get(i)).about();
      switch (report.releases().get(i)) {
        case DemoReport.Good good -> {
          run.check(by + ": promoted", good.outcome().equals("Completed"), good);
          run.figure(by + ", seconds to promote", good.seconds());
        }
        case DemoReport.Bad bad -> {
          run.check(by + ": rolled back", bad.outcome().equals("RolledBack"), bad);
          run.check(by + ": the deciding metric is reported", !bad.decidedBy().isEmpty(), bad);
          run.figure(by + ", seconds to roll back", bad.secondsToRevert());
          run.figure(by + ", answers of the bad version", bad.answersFromBadVersion());
        }
      }
    }
  }

  private static ReleaseStyle releaseStyle(Act act) {
    return switch (act) {
      case GoodRelease(ReleaseStyle releaseStyle) -> releaseStyle;
      case BadRelease(ReleaseStyle releaseStyle) -> releaseStyle;
      case DemoScenario.KillReplica _ -> ReleaseStyle.STEPS;
    };
  }
}
