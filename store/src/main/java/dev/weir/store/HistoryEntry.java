// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import dev.weir.model.Resource;
import java.time.Instant;

/// One previous spec.
///
/// @param resource as written at that revision
public record HistoryEntry(long revision, Instant at, boolean deleted, Resource resource) {}
