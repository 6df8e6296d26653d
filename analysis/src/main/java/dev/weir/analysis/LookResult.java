// SPDX-License-Identifier: Apache-2.0
package dev.weir.analysis;

import java.util.List;

/// The result of one look.
///
/// @param verdict the decision
/// @param evidence the evidence for it; store it with the decision
/// @param done cohorts that every metric has consumed: delete them in the transaction that writes
///   the new state
public record LookResult(Verdict verdict, AnalysisEvidence evidence, List<String> done) {
  public LookResult {
    done = List.copyOf(done);
  }
}
