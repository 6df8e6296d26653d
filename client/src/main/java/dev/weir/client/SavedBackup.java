// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

/// What a backup holds.
///
/// @param revision the newest in it
/// @param auditEntries how many
/// @param auditHead the hash of the last entry, to be kept as a witness
public record SavedBackup(long revision, long auditEntries, String auditHead) {}
