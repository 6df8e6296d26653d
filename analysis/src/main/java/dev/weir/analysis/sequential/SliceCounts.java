// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis.sequential;

/// The counts of one slice: requests of each arm and the bad ones among them.
public record SliceCounts(long canaryBad, long canary, long baselineBad, long baseline) {
  /// No requests.
  public static final SliceCounts NONE = new SliceCounts(0, 0, 0, 0);

  public SliceCounts {
    if (canaryBad < 0 || canary < canaryBad || baselineBad < 0 || baseline < baselineBad) {
      throw new IllegalArgumentException(
          "a slice needs 0 <= bad <= all but has %d of %d and %d of %d"
              .formatted(canaryBad, canary, baselineBad, baseline));
    }
  }

  public SliceCounts plus(SliceCounts more) {
    return new SliceCounts(
        canaryBad + more.canaryBad,
        canary + more.canary,
        baselineBad + more.baselineBad,
        baseline + more.baseline);
  }
}
