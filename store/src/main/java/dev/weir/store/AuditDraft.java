// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

/// What the caller says of a change; the store adds sequence, time, before, after and the chain.
///
/// @param principal `weir` for what Weir decides itself
/// @param sourceAddress empty for Weir itself
/// @param subject the resource, as `ResourceRef` prints it; empty: that of the first write
/// @param outcome `allowed`, `denied` or `failed`
public record AuditDraft(
    String principal,
    String sourceAddress,
    String requestId,
    String action,
    String subject,
    String outcome,
    String reason) {
  /// What Weir itself does.
  public static AuditDraft byWeir(String action, String reason) {
    return new AuditDraft("weir", "", "", action, "", "allowed", reason);
  }
}
