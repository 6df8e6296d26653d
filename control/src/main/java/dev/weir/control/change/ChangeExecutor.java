// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.change;

import dev.weir.store.Commit;

/// The only writer of resources: checks the rules for a change and commits it with its audit entry.
public interface ChangeExecutor {
  /// @throws ChangeRefusedException when a rule forbids the change; nothing was written
  /// @param reason for the audit entry: the caller's own text, or a sentence of Weir
  Commit execute(Change change, Actor actor, String reason);

  /// The author of a change and the address that it comes from.
  ///
  /// @param principal `weir` for a reconciler
  record Actor(String principal, String sourceAddress, String requestId) {
    /// Weir itself.
    public static final Actor WEIR = new Actor("weir", "", "");
  }
}
