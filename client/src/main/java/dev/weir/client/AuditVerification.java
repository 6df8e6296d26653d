// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.Default;
import java.util.Optional;

/// Whether the audit log's chain is unbroken.
///
/// @param entries how many were verified
/// @param firstBad the sequence number of the first entry that is wrong
/// @param reason what is wrong with it
public record AuditVerification(
    long entries, boolean verified, Optional<Long> firstBad, @Default("") String reason) {}
