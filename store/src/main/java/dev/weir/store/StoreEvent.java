// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import dev.weir.model.Resource;

/// One change for watchers.
///
/// @param resource the stored resource; for a deletion its last state, with the deletion's revision
public record StoreEvent(long revision, boolean deleted, Resource resource) {}
