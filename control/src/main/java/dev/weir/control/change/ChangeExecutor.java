// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.change;

import dev.weir.store.Commit;

/// The one door: checks what must hold for any change and commits it with its audit entry.
public interface ChangeExecutor {
  /// @throws ChangeRefusedException when the change must not be made; nothing was written
  /// @param reason why, in the words of who asked; for Weir itself the sentence people will read
  Commit execute(Change change, Actor actor, String reason);

  /// The author of a change and the address that it comes from.
  ///
  /// @param principal `weir` for a reconciler
  record Actor(String principal, String sourceAddress, String requestId) {
    /// Weir itself.
    public static final Actor WEIR = new Actor("weir", "", "");
  }
}
