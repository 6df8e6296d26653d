// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

import dev.weir.model.value.Text;

/// One metric of a release in words, without statistics.
///
/// @param metric name in manifests
/// @param what what is counted or measured: `failed requests`, `first token`
/// @param canary numbers of the new version: `8 of 37 (21.6 %)`, `half above 340 ms`; empty without
///   answers
/// @param baseline numbers of the old version
/// @param result what the numbers show so far
/// @param sentence both versions in one sentence without a full stop; empty without answers
public record MetricWords(
    String metric, String what, String canary, String baseline, Finding result, String sentence) {

  /// What the numbers of a metric show so far.
  public enum Finding implements Text {
    /// The new version is proven worse, and the metric decides.
    WORSE("worse"),
    /// The new version is proven worse, and the metric only warns.
    WARNING("worse, only warns"),
    /// At least half of the evidence for a rollback exists.
    SUSPICIOUS("may be worse"),
    /// The new version is proven to be within the margin of the metric.
    FINE("fine"),
    /// Neither is proven yet.
    OPEN("not decided"),
    /// The metric can cause a rollback, but a promotion does not wait for it.
    WATCHED("watched");

    private final String text;

    Finding(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }
}
