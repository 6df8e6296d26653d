// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.util.List;
import java.util.Optional;

/// Whether the audit log can be believed: its chain, and what gateways witnessed of it.
///
/// @param entries how many the log holds, or are whole before the first bad one
/// @param verified whether the chain is unbroken and no contradiction is left that an operator has
///   not acknowledged
/// @param head hash of the newest entry; empty when the chain is broken
/// @param firstBad the sequence number of the first entry that is wrong or missing
/// @param reason what is wrong with it
/// @param witnesses with how many gateways' heads the log was compared; without one it can only
///   vouch for itself
/// @param contradictions what gateways were sent and the log does not hold
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
