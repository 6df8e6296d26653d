// SPDX-License-Identifier: Apache-2.0

/// The current snapshot ([dev.weir.gateway.snapshot.LiveSnapshot]): receives it from a control link
/// ([dev.weir.gateway.snapshot.SnapshotClient]), swaps it atomically, stores the last valid one on
/// disk ([dev.weir.gateway.snapshot.DiskCopy]), and tracks the lease for canary traffic
/// ([dev.weir.gateway.snapshot.CanaryLease]).
@NullMarked
package dev.weir.gateway.snapshot;

import org.jspecify.annotations.NullMarked;
