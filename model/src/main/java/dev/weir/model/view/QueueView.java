// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

/// One lane of the control plane's work queue.
///
/// @param lane `urgent` (snapshot publication, releases in progress) or `ordinary`
/// @param oldestDueMillis how long the next reconciliation has been due; 0 when none is
/// @param refused wake-ups rejected since the start because the queue was full
public record QueueView(String lane, long oldestDueMillis, long refused) {}
