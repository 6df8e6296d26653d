// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import java.util.Map;

/// The output of `--json` for one trial.
public record TrialResult(
    String name,
    int cases,
    int passed,
    int failed,
    int skipped,
    double seconds,
    Map<String, Object> figures,
    List<String> reasonsSkipped,
    List<String> failures,
    @JsonIgnore String pages) {
  public static TrialResult of(String name, TrialRun run, double seconds) {
    int failed = run.failures().size();
    int skipped = run.skipped().size();
    return new TrialResult(
        name,
        run.passed() + failed + skipped,
        run.passed(),
        failed,
        skipped,
        seconds,
        run.figures(),
        run.skipped(),
        run.failures(),
        run.pages());
  }
}
