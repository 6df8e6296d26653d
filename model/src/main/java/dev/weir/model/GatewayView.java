// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.time.Instant;

/// A gateway as `weir get gateways` shows it.
///
/// @param sequence the snapshot it acknowledged last, with its hash
/// @param published the newest snapshot there is
/// @param connected whether it was heard from within the last heartbeats
public record GatewayView(
    String id,
    String boot,
    String version,
    long sequence,
    String hash,
    long published,
    Instant lastSeen,
    boolean connected) {}
