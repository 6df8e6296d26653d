// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.change;

import dev.weir.control.crash.CrashPoint.Door;

/// A change that was decided and is not stored yet.
///
/// @param door the kind of change, which names the crash points around the commit
/// @param reason the reason in the audit entry
public record PlannedChange(Door door, Change change, String reason) {}
