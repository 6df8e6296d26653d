// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.access;

/// The answer to "may they?".
public sealed interface AccessDecision {
  record Allowed(AuthenticatedCaller caller) implements AccessDecision {}

  /// Not authenticated: no key, or one that is unknown, expired, revoked or of a disabled
  /// principal. Only the audit log records which of these applies.
  record Unauthenticated(String why) implements AccessDecision {}

  /// Known, but without the right. Said before anything is looked up, so that it is the same
  /// whether or not the resource exists.
  record Forbidden(String principal, String reason) implements AccessDecision {}
}
