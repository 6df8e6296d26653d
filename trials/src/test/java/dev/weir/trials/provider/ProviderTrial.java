// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.provider;

import dev.weir.runtime.process.LaunchPoint;
import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/// Engines as real processes of `weir up`: Weir is killed at each point of a launch, engines are
/// impersonated, flood their logs, fork, and run in large numbers.
public final class ProviderTrial implements Trial {
  private static final int SAMPLE = 4;
  private static final int FLEET = 50;
  private static final int SMALL_FLEET = 4;

  @Override
  public String name() {
    return "provider";
  }

  @Override
  public String about() {
    return "kill -9 at points of a launch; pid reuse, floods, daemons, many replicas (50 with"
        + " --full)";
  }

  @Override
  public List<String> mutations() {
    return List.of("pid-only");
  }

  @Override
  public void run(TrialRun run) throws Exception {
    new StrangerCheck(run).check();
    if (run.mutated("pid-only")) {
      return; // the other parts would not meet it
    }
    new LaunchDeaths(run).play(points(run));
    new WildEngineCheck(run).check();
    new FleetCheck(run).check(run.full() ? FLEET : SMALL_FLEET);
  }

  /// All points in a random order, or a sample.
  private static List<LaunchPoint> points(TrialRun run) {
    List<LaunchPoint> points = new ArrayList<>(List.of(LaunchPoint.values()));
    Collections.shuffle(points, new Random(run.seed()));
    return run.full() ? points : points.subList(0, SAMPLE);
  }
}
