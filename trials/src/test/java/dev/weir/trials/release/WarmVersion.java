// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.release;

import dev.weir.trials.setup.TrialManifests;

/// A version on a simulated engine that starts warm: on a busy machine a cold canary process is
/// slower than its baseline.
final class WarmVersion {
  private WarmVersion() {}

  static String manifest(String model, int number, String errorRate) {
    return TrialManifests.version(
        model,
        number,
        TrialManifests.simulator(
            "--profile",
            "llama-3.1-8b-h100",
            "--latency-spread",
            "0.02",
            "--warm-up",
            "50",
            "--error-rate",
            errorRate));
  }
}
