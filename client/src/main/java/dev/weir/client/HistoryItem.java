// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.Resource;
import java.time.Instant;

/// One past spec.
///
/// @param resource the resource at that revision
public record HistoryItem(long revision, Instant at, boolean deleted, Resource resource) {}
