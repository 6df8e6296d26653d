// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.audit;

import dev.weir.snapshot.StoreHead;
import java.time.Instant;

/// The newest head of the audit log that a gateway has reported.
///
/// @param at when it last reported the head
public record Witness(String gateway, StoreHead head, Instant at) {}
