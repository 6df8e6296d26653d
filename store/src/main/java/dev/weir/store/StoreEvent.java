// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

import dev.weir.model.Resource;

/// One change as watchers see it.
///
/// @param resource as it was stored; for a deletion as it last was, with the deletion's revision
public record StoreEvent(long revision, boolean deleted, Resource resource) {}
