// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

import dev.weir.model.value.Default;
import java.util.Optional;

/// An audit entry that a gateway received and that the audit log does not contain.
///
/// @param gateway the gateway that received the entry
/// @param sequence number of the entry
/// @param held the hash that the gateway received
/// @param found hash of the log entry with that number; empty when the log ends before it
/// @param restore number of the entry that records an earlier restore of the store from a backup,
///   which may explain the contradiction
/// @param acknowledged whether an operator acknowledged this restore
/// @param message the contradiction in human-readable form
public record AuditContradiction(
    String gateway,
    long sequence,
    String held,
    @Default("") String found,
    Optional<Long> restore,
    boolean acknowledged,
    String message) {}
