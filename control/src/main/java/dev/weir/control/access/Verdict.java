// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.access;

/// The answer to "may they?".
public sealed interface Verdict {
  record Allowed(Caller caller) implements Verdict {}

  /// Nobody we know: no key, or one that is unknown, expired, revoked or of a disabled principal.
  /// Which of these is told to the audit log only.
  record Unauthenticated(String why) implements Verdict {}

  /// Known, but without the right. Said before anything is looked up, so that it is the same
  /// whether or not the resource exists.
  record Forbidden(String principal, String reason) implements Verdict {}
}
