// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.setup;

import dev.weir.trials.run.TrialRun;
import java.io.IOException;
import java.time.Duration;

/// Releases versions of one Service and checks how each release ends.
///
/// @param timeout of each release
public record ReleaseCheck(TrialRun run, WeirProcess weir, String service, Duration timeout) {
  /// The exit status of `weir rollout status --wait` after a promotion.
  public static final int PROMOTED = 0;

  /// The exit status of `weir rollout status --wait` after a rollback.
  public static final int ROLLED_BACK = 3;

  public void promotes(int version, String manifest) throws IOException, InterruptedException {
    ends(version, manifest, PROMOTED, "promoted");
  }

  public void rollsBack(int version, String manifest) throws IOException, InterruptedException {
    ends(version, manifest, ROLLED_BACK, "rolled back");
  }

  private void ends(int version, String manifest, int expected, String outcome)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    weir.submit(manifest);
    WeirProcess.Ran ran = weir.awaitRollout(service, timeout);
    run.check("%s@%d is %s".formatted(service, version, outcome), ran.status() == expected, ran);
    run.figure("secondsToDecide" + version, (System.nanoTime() - start) / 1_000_000_000);
  }
}
