// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

import dev.weir.model.value.Default;
import java.util.List;
import java.util.Optional;

/// The result of an audit log verification: its chain, and the comparison with what gateways
/// received.
///
/// @param entries number of entries in the log, or of intact entries before the first invalid one
/// @param verified whether the chain is intact and an operator acknowledged every contradiction
/// @param head hash of the newest entry; empty when the chain is broken
/// @param firstBad sequence number of the first invalid or missing entry
/// @param reason why the chain is broken
/// @param witnesses number of gateways whose heads were compared with the log; with 0, the log is
///   checked only against itself
/// @param contradictions entries that gateways received and that the log does not contain
public record AuditReport(
    long entries,
    boolean verified,
    @Default("") String head,
    Optional<Long> firstBad,
    @Default("") String reason,
    @Default("0") int witnesses,
    @Default("[]") List<AuditContradiction> contradictions) {
  public AuditReport {
    contradictions = List.copyOf(contradictions);
  }
}
