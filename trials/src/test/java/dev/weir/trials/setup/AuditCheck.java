// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.setup;

import dev.weir.trials.run.TrialRun;
import java.io.IOException;

/// The check that most trials end with.
public final class AuditCheck {
  private AuditCheck() {}

  /// Checks that the hash chain of the audit log is unbroken.
  public static void verify(TrialRun run, WeirProcess weir)
      throws IOException, InterruptedException {
    WeirProcess.Ran ran = weir.run("audit", "verify");
    run.check("the audit chain is unbroken", ran.status() == 0, ran);
  }
}
