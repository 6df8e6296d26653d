// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import java.util.List;

/// What one look gave.
///
/// @param verdict the decision
/// @param evidence what it was made from; store it with the decision
/// @param done cohorts that every metric has consumed: the caller may delete them, together with
///   the write of the new state
public record LookResult(Verdict verdict, AnalysisEvidence evidence, List<String> done) {
  public LookResult {
    done = List.copyOf(done);
  }
}
