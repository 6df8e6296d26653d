// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

import java.time.Instant;
import java.util.Optional;

/// One line of the audit log, chained by hash to the previous entry.
///
/// @param sequence 1, 2, 3 ... without gaps
/// @param at time of the control plane's clock
/// @param principal the principal that acted; `weir` for decisions of Weir itself, `anonymous`
///   without a valid key
/// @param sourceAddress the client's address; empty for Weir itself
/// @param requestId correlates the entry with the log and the response's `x-request-id`
/// @param action for example `apply`, `delete`, `rollout.transition`, `access.denied`
/// @param subject the resource, as `ResourceRef` prints it, or empty
/// @param revision the global revision that the action produced, 0 when it changed nothing
/// @param outcome `allowed`, `denied` or `failed`
/// @param before the resource before the change, as JSON; resources never contain secrets
/// @param after the resource after the change, as JSON
/// @param reason the reason as given by the principal that acted
/// @param previousHash the `hash` of the previous entry; 64 zeros for the first
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
