// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.audit;

import dev.weir.snapshot.StoreHead;
import java.time.Instant;

/// The newest head of the audit log that a gateway said it was sent.
///
/// @param at when it said so last
public record Witness(String gateway, StoreHead head, Instant at) {}
