// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.change;

import dev.weir.control.crash.CrashPoint.ChangeKind;

/// A change that was decided and is not stored yet.
///
/// @param kind the kind of change, which names the crash points around the commit
/// @param reason the reason in the audit entry
public record PlannedChange(ChangeKind kind, Change change, String reason) {}
