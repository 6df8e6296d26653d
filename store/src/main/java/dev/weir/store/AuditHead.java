// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

/// The end of the audit log.
///
/// @param sequence number of the newest entry, 0 when there is none
/// @param hash of that entry, 64 zeros when there is none
public record AuditHead(long sequence, String hash) {}
