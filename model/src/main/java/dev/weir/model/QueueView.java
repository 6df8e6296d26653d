// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

/// One lane of the control plane's work.
///
/// @param lane `urgent` (publication, releases under way) or `ordinary`
/// @param oldestDueMillis for how long the reconciliation that is next has been due; 0 when none is
/// @param refused wake-ups since the start for which the queue had no room
public record QueueView(String lane, long oldestDueMillis, long refused) {}
