// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.pipeline;

import dev.weir.control.access.AuthenticatedCaller;
import dev.weir.control.change.ChangeExecutor.Actor;

/// The author of a write, as the audit entry names it.
///
/// @param reason as the caller gave it; empty when the caller gave none
public record Author(
    AuthenticatedCaller caller, String sourceAddress, String requestId, String reason) {
  /// The maximum length of a reason, in characters.
  public static final int MAX_REASON = 1_000;

  /// The refusal of a reason that is too long.
  public static final Refusal.Malformed REASON_TOO_LONG =
      new Refusal.Malformed("a reason has at most " + MAX_REASON + " characters");

  public Actor actor() {
    return new Actor(caller.principal(), sourceAddress, requestId);
  }
}
