// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.release;

import dev.weir.rehearsal.DemoReport;
import dev.weir.rehearsal.DemoScenario;
import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A bad release, then a good one, under the recorded Azure 2023 conversation trace instead of the
/// fitted model.
public final class TraceTrial implements Trial {
  @Override
  public String name() {
    return "trace";
  }

  @Override
  public String about() {
    return "a bad and a good release under a recorded real trace";
  }

  @Override
  public void run(TrialRun run) throws Exception {
    Optional<Path> trace = run.data("traces/azure_llm_2023_conv.csv");
    if (trace.isEmpty()) {
      return;
    }
    DemoReport report =
        ReleasesTrial.Rehearsals.play(
            new DemoScenario(
                List.of(new DemoScenario.BadRelease(), new DemoScenario.GoodRelease())),
            trace,
            run.seed());
    run.figure("served", report.requests().served());
    run.check("requests are served", report.requests().served() > 1_000, report.requests());
    run.check(
        "the good release is promoted and the bad one rolled back", report.succeeded(), report);
  }
}
