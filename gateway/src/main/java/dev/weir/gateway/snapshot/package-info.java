// SPDX-License-Identifier: Apache-2.0

/// Holds the snapshot that requests are served from ([dev.weir.gateway.snapshot.LiveSnapshot]),
/// keeps it fed from whatever link there is ([dev.weir.gateway.snapshot.SnapshotFeed]), swaps it
/// whole, keeps the last good one on disk ([dev.weir.gateway.snapshot.DiskCopy]) and knows how long
/// canary arms may be fed ([dev.weir.gateway.snapshot.Lease]).
@NullMarked
package dev.weir.gateway.snapshot;

import org.jspecify.annotations.NullMarked;
