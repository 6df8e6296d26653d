// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

/// The caller's part of an audit entry; the store adds sequence, time, before, after and the chain.
///
/// @param principal `weir` for decisions of Weir itself
/// @param sourceAddress empty for Weir itself
/// @param subject the resource, as `ResourceRef` prints it; empty for the resource of the first
///   write
/// @param outcome `allowed`, `denied` or `failed`
public record AuditDraft(
    String principal,
    String sourceAddress,
    String requestId,
    String action,
    String subject,
    String outcome,
    String reason) {
  /// A draft for an action of Weir itself.
  public static AuditDraft byWeir(String action, String reason) {
    return new AuditDraft("weir", "", "", action, "", "allowed", reason);
  }
}
