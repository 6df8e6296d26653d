// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.access;

/// The result of authenticating or authorising a caller.
public sealed interface AccessDecision {
  record Allowed(AuthenticatedCaller caller) implements AccessDecision {}

  /// Not authenticated: there is no key, or the key is unknown, expired, revoked or belongs to a
  /// disabled principal. Only the audit log records the reason.
  record Unauthenticated(String why) implements AccessDecision {}

  /// Authenticated, but without the permission. Decided before any look-up, so the answer does not
  /// reveal whether the resource exists.
  record Forbidden(String principal, String reason) implements AccessDecision {}
}
