// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.util.List;
import java.util.Map;

/// The difference between two snapshots.
///
/// @param from sequence of the snapshot that it starts at
/// @param hash of the bytes of the whole resulting snapshot
/// @param removed names of the entries that are no longer part of the snapshot, by section
/// @param changed bytes of a snapshot with the new or changed entries only
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
record SnapshotDelta(
    long from, String hash, Map<SnapshotSection, List<String>> removed, byte[] changed) {}
