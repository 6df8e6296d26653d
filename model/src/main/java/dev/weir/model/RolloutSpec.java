// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.time.Duration;

/// What a Rollout set out to do; fixed at its start.
///
/// @param service the Service, in the same namespace
/// @param from the stable version at the start; equal to `to` never
/// @param specRevision the revision of the Service spec that asked for it
/// @param specHash names the (version, spec) pair, see `ServiceStatus.failed`
/// @param salt of the hash that splits traffic; random per rollout
public record RolloutSpec(
    String service,
    VersionRef from,
    VersionRef to,
    long specRevision,
    String specHash,
    String salt,
    ReleaseSpec release,
    Duration firstTokenTimeout,
    Duration totalTimeout) {}
