// SPDX-License-Identifier: Apache-2.0
package dev.weir.store;

/// Where the audit log ends.
///
/// @param sequence number of the newest entry, 0 when there is none
/// @param hash of that entry, 64 zeros when there is none
public record AuditHead(long sequence, String hash) {}
