// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.faults;

import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.FleetView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/// Replicas fail in every way a replica can while clients send requests. No eligible request fails:
/// each answer is compared byte for byte with the only correct one, and each failure must be a
/// correct error.
///
/// `WEIR_FAULTS=KILLED,STOPPED` runs only these [FaultScenario]s.
public final class FaultsTrial implements Trial {
  static final String ELIGIBLE =
      "answers that are not streamed, and streams with one choice, no tools and no log"
          + " probabilities; 5 % of the streams ask for two choices and are not";

  private static final int CALLERS = 128;
  private static final int SAMPLE = 4;
  private static final long SAMPLE_REQUESTS = 2_000;
  private static final double SAMPLE_RATE = 250;
  private static final long FULL_REQUESTS = 100_000;
  private static final int LEAST_STRIKES = 2;
  private static final long REST_MILLIS = 1_500;
  private static final String NO_RESUME = "no-resume";
  private static final String NO_RETRIES = "no-retries";
  private static final String WRONG_ANSWERS = "wrong-answers";

  @Override
  public String name() {
    return "faults";
  }

  @Override
  public String about() {
    return "replicas killed, stopped, reset, slowed, half-closed, sending garbage, up to half of them"
        + " at once: eligible requests do not fail";
  }

  @Override
  public List<String> mutations() {
    return List.of(NO_RESUME, NO_RETRIES, WRONG_ANSWERS);
  }

  @Override
  public void run(TrialRun run) throws Exception {
    run.figure("eligible", ELIGIBLE);
    run.figure("a failure is within the budget", "when it is not counted as retry budget spent");
    try (FaultsStack stack = new FaultsStack(run.seed(), traffic(run), "")) {
      if (run.mutated(WRONG_ANSWERS)) {
        stack.fleet().lieAboutAnswers();
      }
      for (FaultScenario scenario : scenarios(run)) {
        new Play(run, stack, scenario).play();
      }
    }
  }

  private static String traffic(TrialRun run) {
    if (run.mutated(NO_RESUME)) {
      return ", resume: false";
    }
    return run.mutated(NO_RETRIES) ? ", retries: {maxAttempts: 1}" : "";
  }

  /// All scenarios, or a sample drawn from the seed.
  private static List<FaultScenario> scenarios(TrialRun run) {
    List<FaultScenario> all = new ArrayList<>(List.of(FaultScenario.values()));
    String only = System.getenv("WEIR_FAULTS");
    if (only != null) {
      return all.stream().filter(s -> List.of(only.split(",", -1)).contains(s.name())).toList();
    }
    if (run.full()) {
      return all;
    }
    Collections.shuffle(all, new Random(run.seed()));
    return all.subList(0, SAMPLE);
  }

  private record Play(TrialRun run, FaultsStack stack, FaultScenario scenario) {
    void play() throws Exception {
      long spentBefore = stack.budgetSpent();
      long start = System.nanoTime();
      Load load = stack.load(scenario.way(), CALLERS, run.full() ? 0 : SAMPLE_RATE);
      int strikes = 0;
      rest(REST_MILLIS);
      while (load.finished() < requests() || strikes < LEAST_STRIKES) {
        scenario.strike(stack.fleet(), stack::ownPids);
        strikes++;
        rest(scenario.holdMillis());
        stack.fleet().repair();
        rest(REST_MILLIS);
        awaitRestart();
      }
      Tally tally = load.stop();
      double seconds = (System.nanoTime() - start) / 1e9;
      judge(tally, stack.budgetSpent() - spentBefore);
      run.figure(
          scenario.title(),
          "%s; injected %d times; %.0f requests a second"
              .formatted(tally, strikes, tally.requests() / seconds));
      run.say(scenario.title() + ": " + run.figures().get(scenario.title()));
    }

    /// Weir restarts a crashing engine with a growing backoff. The trial waits for pending
    /// restarts, or no engine would be left.
    private void awaitRestart() throws Exception {
      if (scenario.way() == FaultScenario.Way.OWN) {
        var _ = stack.unready();
      }
    }

    private long requests() {
      return run.full() ? FULL_REQUESTS : SAMPLE_REQUESTS;
    }

    private static void rest(long millis) {
      LockSupport.parkNanos(Duration.ofMillis(millis).toNanos());
    }

    private void judge(Tally tally, long budgetSpent) throws Exception {
      String title = scenario.title() + ": ";
      run.check(
          title + "no eligible request within the retry budget fails",
          tally.failures() <= budgetSpent,
          tally.failures() + ", budget spent " + budgetSpent + ": " + tally.examples());
      if (scenario.sparesMost()) {
        run.check(title + "the retry budget suffices", budgetSpent == 0, budgetSpent);
      }
      run.check(
          title
              + "every other failure is a correct error before its deadline, and no answer is wrong",
          tally.wrongs() == 0,
          tally.wrongs() + ": " + tally.wrong());
      if (scenario.needsHelp()) {
        run.check(title + "the fault affects requests", tally.helped() > 0, tally);
      }
      List<FleetView.One> unready = stack.unready();
      run.check(title + "all replicas recover", unready.isEmpty(), unready);
    }
  }
}
