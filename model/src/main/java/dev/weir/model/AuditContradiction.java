// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.util.Optional;

/// An audit entry that a gateway was sent and that the audit log does not hold.
///
/// @param gateway that was sent it
/// @param sequence number of the entry
/// @param held the hash that the gateway was sent
/// @param found the hash of the log's entry of that number; empty when the log ends before it
/// @param restore number of the entry that says that the store was restored from a backup before
///   that, which may explain it
/// @param acknowledged whether an operator said that this restore is true
/// @param message the same for people
public record AuditContradiction(
    String gateway,
    long sequence,
    String held,
    @Default("") String found,
    Optional<Long> restore,
    boolean acknowledged,
    String message) {}
