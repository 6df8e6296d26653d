// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.time.Instant;
import java.util.Optional;

/// One line of the audit log, chained by hash to the one before.
///
/// @param sequence 1, 2, 3 ... without gaps
/// @param at by the control plane's clock
/// @param principal who; `weir` for what Weir decided itself, `anonymous` without a valid key
/// @param sourceAddress where from; empty for Weir itself
/// @param requestId ties it to the log and the answer's `x-request-id`
/// @param action for example `apply`, `delete`, `rollout.transition`, `access.denied`
/// @param subject the resource, as `ResourceRef` prints it, or empty
/// @param revision the global revision it produced, 0 when nothing was changed
/// @param outcome `allowed`, `denied` or `failed`
/// @param before the resource before, as JSON; secrets never appear in resources
/// @param after the resource after, as JSON
/// @param reason why, in the words of who did it
/// @param previousHash the `hash` of the entry before; 64 zeros for the first
/// @param hash hex SHA-256 over the RFC 8785 canonical JSON of all other fields
public record AuditEntry(
    long sequence,
    Instant at,
    String principal,
    String sourceAddress,
    String requestId,
    String action,
    String subject,
    long revision,
    String outcome,
    Optional<String> before,
    Optional<String> after,
    String reason,
    String previousHash,
    String hash) {}
